'use strict';
const http = require('node:http');
const Redis = require('ioredis');
const report = require('./report.cjs');

const redis = new Redis(process.env.REDIS_URL);
report(
  http.createServer((_request, response) => {
    const pipeline = redis.pipeline();
    for (let i = 0; i < 10; i++) pipeline.get(`bench:${i}`);
    pipeline.exec().then((answers) => response.end(JSON.stringify(answers)));
  }),
);

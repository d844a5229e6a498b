'use strict';
const { createClient } = require('redis');

const client = createClient({ url: process.env.REDIS_URL });
client.connect().then(() => require('./serve.cjs')((id) => client.get(`bench:${id}`)));

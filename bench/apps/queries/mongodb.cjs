'use strict';
const { MongoClient } = require('mongodb');

const users = new MongoClient(process.env.MONGODB_URL, { maxPoolSize: 8 }).db().collection('bench_users');
require('./serve.cjs')((id) => users.findOne({ _id: id }));

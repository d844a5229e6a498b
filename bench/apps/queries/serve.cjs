'use strict';
// A request runs ten queries, one after the other. What the drivers differ in is in the files beside this one.
const http = require('node:http');
const report = require('../report.cjs');

/** @param query takes the id of a user and returns the user, or a promise of it */
module.exports = function serve(query) {
  const answer = async (response) => {
    const users = [];
    for (let id = 1; id <= 10; id++) users.push(await query(id));
    response.end(JSON.stringify(users));
  };
  report(http.createServer((_request, response) => void answer(response)));
};

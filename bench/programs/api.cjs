'use strict';
// The calls of the API under the preload, everything sampled and sent to a backend.
const { addEvent, addMetadata, flush, span, startSpan } = require('../../register.cjs');
const { measure } = require('./measure.cjs');

const figures = {};
const note = (what, { nanoseconds, bytes }) => {
  figures[`${what}, ns`] = nanoseconds;
  figures[`${what}, bytes`] = bytes;
};

function attributes(each) {
  each.setAttribute('order.id', 4711);
  each.setAttribute('order.kind', 'express');
  each.setAttribute('order.total', 12.5);
  each.setAttribute('order.paid', true);
  each.setAttribute('order.country', 'NL');
}

async function main() {
  note('span() with 5 attributes, ended and encoded', measure(20000, () => span('order.check', attributes)));
  await flush(30000);
  note('startSpan() and end()', measure(20000, () => startSpan('order.check').end()));
  await flush(30000);
  const numbers = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((letter) => `order.${letter}`);
  span('order.check', () => {
    note('addMetadata()', measure(20000, (i) => addMetadata(numbers[i % numbers.length], i)));
  });
  span('order.check', () => {
    note('addEvent() with an attribute', measure(20000, (i) => addEvent('order.seen', { number: i })));
  });
  await flush(30000);
  process.stdout.write(JSON.stringify(figures));
}

main();

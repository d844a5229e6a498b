'use strict';
// The calls of the API under the preload, everything sampled and sent to a backend. Calls within a span are measured ten
// at a time, beside a span without them.
const { addEvent, addMetadata, span, startSpan } = require('../../dist/api.cjs');
const { delivered } = require('./delivered.cjs');
const { measure } = require('./measure.cjs');

const COUNT = 10000;
const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'].map((letter) => `order.${letter}`);

function withAttributes(each) {
  each.setAttribute('order.id', 4711);
  each.setAttribute('order.kind', 'express');
  each.setAttribute('order.total', 12.5);
  each.setAttribute('order.paid', true);
  each.setAttribute('order.country', 'NL');
}

function withNothing() {}

function withMetadata() {
  for (const key of keys) addMetadata(key, 'ten');
}

function withEvents() {
  for (const key of keys) addEvent(key, { number: 10 });
}

async function main() {
  const spanWith = (fn) => measure(COUNT, () => span('order.check', fn), delivered);
  const empty = await spanWith(withNothing);
  const perCall = (whole) => ({
    nanoseconds: (whole.nanoseconds - empty.nanoseconds) / keys.length,
    bytes: (whole.bytes - empty.bytes) / keys.length,
  });
  const figures = {
    'span() with 5 attributes, ended and encoded': await spanWith(withAttributes),
    'span() without attributes, ended and encoded': empty,
    'startSpan() and end()': await measure(COUNT, () => startSpan('order.check').end(), delivered),
    'addMetadata()': perCall(await spanWith(withMetadata)),
    'addEvent() with an attribute': perCall(await spanWith(withEvents)),
  };
  process.stdout.write(JSON.stringify(figures));
}

main();

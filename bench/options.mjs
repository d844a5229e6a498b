// What is measured, and how often: the command line of `npm run bench`.
import { parseArgs } from 'node:util';
import { suites } from './suites/index.mjs';
import { usual, variants } from './variants.mjs';

const USAGE = `npm run bench -- [suite…] [option…]

Measures what tracing costs, beside nothing and beside other tracers, in interleaved rounds. Figures are medians; those of
one run can be compared with each other. Ends with 1 when spans were lost.

Suites, all of them unless named: ${Object.keys(suites).join(', ')}

  --node 20,24        lines of Node to measure on
  --rounds 5          samples of each variant
  --requests 40000    requests per sample
  --warm-up 20000     requests before each sample
  --only a,b          variants, of: ${Object.keys(variants).join('; ')}
                      (unless told: ${usual.join(',')})
  --json              also writes bench/results.json, of which \`npm run docs\` makes tables and plots; results of suites and
                      lines that are not measured this time stay
  --help

All suites take about two hours per line of Node. A quick look: npm run bench -- saturation --only bare,ours --rounds 3`;

/**
 * @returns what was asked for; ends the process where that is only help, or does not exist
 */
export function readOptions() {
  const { values, positionals } = parse();
  if (values.help) end(0, USAGE);
  const chosen = positionals.length > 0 ? positionals : Object.keys(suites);
  const names = values.only.split(',').map((name) => name.trim());
  for (const name of chosen)
    if (!Object.hasOwn(suites, name)) end(2, `No suite is called ${name}.\n\n${USAGE}`);
  for (const name of names)
    if (!Object.hasOwn(variants, name)) end(2, `No variant is called ${name}.\n\n${USAGE}`);
  return {
    suites: chosen,
    names,
    nodes: values.node.split(','),
    rounds: count(values, 'rounds'),
    requests: count(values, 'requests'),
    warmUp: count(values, 'warm-up'),
    json: values.json,
  };
}

function parse() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        node: { type: 'string', default: '20,24' },
        rounds: { type: 'string', default: '5' },
        requests: { type: 'string', default: '40000' },
        // V8's compiler would be most of what a brief run shows.
        'warm-up': { type: 'string', default: '20000' },
        only: { type: 'string', default: usual.join(',') },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    return end(2, `${error.message}\n\n${USAGE}`);
  }
}

function count(values, name) {
  const number = Number(values[name]);
  return Number.isInteger(number) && number > 0
    ? number
    : end(2, `--${name} ${values[name]}: a whole number above 0 is expected.`);
}

function end(status, text) {
  if (status === 0) console.log(text);
  else console.error(text);
  process.exit(status);
}

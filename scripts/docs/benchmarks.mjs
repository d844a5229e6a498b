/** Tables and plots of bench/results.json. */
import { keyOf } from '../../bench/results.mjs';
import { titleOf, variants } from '../../bench/variants.mjs';
import { chapters } from './benchmark-chapters.mjs';
import { barPlot } from './plot.mjs';

const NOTHING =
  'No figures are stored yet: `npm run bench -- --json && npm run docs` measures, stores and shows them.';
const README_FIGURES = [
  ['start-up', 'start-up', 'an empty program', 'start-up'],
  ['saturation', 'CPU per request', 'http', 'CPU per request, http'],
  ['saturation', 'CPU per request', 'express + pg', 'CPU per request, express + pg'],
];

/**
 * @param stored what bench/results.json holds, if it is there
 * @returns the short table of README.md: the newest line of Node that was measured
 */
export function shortTable(stored) {
  if (stored === undefined) return NOTHING;
  const tables = linesOf(stored.results).map((node) => shortTableOf(stored, node));
  return tables.findLast((table) => table !== undefined) ?? NOTHING;
}

function shortTableOf({ runs, results }, node) {
  const columns = README_FIGURES.flatMap(([suite, figure, scenario, title]) => {
    const of = (each) => each.suite === suite && each.figure === figure && each.scenario === scenario;
    const result = results.find((each) => each.node === node && of(each));
    return result === undefined ? [] : [{ title, result }];
  });
  if (columns.length === 0) return undefined;
  const names = Object.keys(columns[0].result.medians);
  const rows = names.map((name) => [label(name), ...columns.map(({ result }) => cell(result, name))]);
  const how = new Set(columns.map(({ result }) => runLine(runs[keyOf(result.suite, node)])));
  const lost = columns.flatMap(({ result }) => lostLines(result));
  return [table([`Node ${node}`, ...columns.map(({ title }) => title)], rows), ...how, ...lost].join('\n\n');
}

/**
 * @param stored what bench/results.json holds, if it is there
 * @returns `text`, which is docs/benchmarks.md below its introduction, and `plots`, the SVG files beside it by name
 */
export function longTables(stored) {
  if (stored === undefined) return { text: NOTHING, plots: {} };
  const plots = {};
  const parts = [];
  for (const { suite, title, text, plotted } of chapters) {
    const ofSuite = stored.results.filter((each) => each.suite === suite);
    if (ofSuite.length === 0) continue;
    parts.push(`## ${title}`, text);
    for (const node of linesOf(ofSuite)) {
      const results = ofSuite.filter((each) => each.node === node);
      parts.push(`### ${title}: Node ${node}`, runLine(stored.runs[keyOf(suite, node)]));
      for (const figure of new Set(results.map((each) => each.figure))) {
        const group = results.filter((each) => each.figure === figure);
        const heading = `${figure[0].toUpperCase()}${figure.slice(1)}`;
        if (plotted.includes(figure)) {
          const file = `${figure.replaceAll(/[^A-Za-z0-9]+/g, '-').toLowerCase()}-node-${node}.svg`;
          const description = `${heading}, Node ${node}: the figures of the table below as bars`;
          plots[file] = plotOf(description, group);
          parts.push(`![${description}](benchmarks/${file})`);
        }
        parts.push(longTable(heading, group), ...group.flatMap(lostLines));
      }
    }
  }
  return { text: parts.join('\n\n'), plots };
}

/** Variants below each other and scenarios beside each other; of one variant, its scenarios below each other. */
function longTable(heading, group) {
  const names = [...new Set(group.flatMap(({ medians }) => Object.keys(medians)))];
  if (names.length > 1) {
    const rows = names.map((name) => [label(name), ...group.map((result) => cell(result, name))]);
    return table([heading, ...group.map(({ scenario }) => scenario)], rows);
  }
  const [name] = names;
  return table(
    [heading, label(name)],
    group.map((result) => [result.scenario, cell(result, name)]),
  );
}

function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

function label(name) {
  return name.startsWith('ours') ? `**${titleOf(name)}**` : titleOf(name);
}

/** What was measured, and for all but the bare one what of that was added. */
function cell({ medians, added, unit }, name) {
  if (medians[name] === undefined) return '';
  const plus = added[name];
  const value = `${rounded(medians[name])} ${unit}`;
  if (plus === undefined) return value;
  return `${value} (${plus < 0 ? '−' : '+'}${rounded(Math.abs(plus))})`;
}

/** Three digits say as much as there is to say. */
function rounded(value) {
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}

function plotOf(title, group) {
  const groups = group.map((result) => ({
    label: result.scenario,
    bars: Object.entries(result.medians).map(([name, value]) => ({
      label: titleOf(name),
      value,
      text: `${rounded(value)} ${result.unit}`,
      kind: kindOf(name),
    })),
  }));
  return barPlot({ title, groups });
}

function kindOf(name) {
  if (name.startsWith('ours')) return 'ours';
  return variants[name].package === undefined ? 'bare' : 'peer';
}

function runLine({ date, machine, cores, loadAverage, rounds, requests, warmUp, versions, names }) {
  const peers = names.flatMap((name) => variants[name].package ?? []);
  const shown = ['Node', '@canvasops/register', ...peers].map((name) => `${name} ${versions[name]}`);
  const how = `${rounds} ${rounds === 1 ? 'round' : 'rounds'}, ${requests} requests after ${warmUp} of warm-up`;
  const busy = `The machine was busy (load average ${loadAverage} when the run began): do not rely on these figures.`;
  const line = `Measured ${date} on ${machine}; ${how}; ${shown.join(', ')}.`;
  return loadAverage > cores / 2 ? `${line} **${busy}**` : line;
}

function lostLines({ scenario, lost }) {
  return lost.map((line) => `Spans lost (${scenario}): ${line}.`);
}

function linesOf(results) {
  return [...new Set(results.map(({ node }) => node))].sort((a, b) => Number(a) - Number(b));
}

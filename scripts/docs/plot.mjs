/** Bars as SVG, readable on light and on dark pages. */

const WIDTH = 800;
const LABEL_WIDTH = 310;
const VALUE_WIDTH = 90;
const ROW = 20;
const BAR = 14;
const HEAD = 30;
const GROUP_GAP = 12;
const BASELINE = 11;

const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #1f2328; }
  .group { font-weight: 600; }
  .bare { fill: #afb8c1; }
  .ours { fill: #0969da; }
  .peer { fill: #bf8700; }
  .ours-label { font-weight: 600; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .bare { fill: #6e7681; }
    .ours { fill: #4493f8; }
    .peer { fill: #d29922; }
  }`;

/**
 * @param plot.title for who does not see the image
 * @param plot.groups one below the other, each with a scale of its own: `label`, and `bars` with `label`, `text` (the
 *   value as it is written), `value` and `kind` (bare, ours or peer)
 * @returns the file's text
 */
export function barPlot({ title, groups }) {
  const parts = [];
  let y = 0;
  for (const { label, bars } of groups) {
    parts.push(text(0, y + 19, label, 'group'));
    y += HEAD;
    const most = Math.max(...bars.map(({ value }) => value));
    for (const bar of bars) {
      parts.push(...row(bar, y, most));
      y += ROW;
    }
    y += GROUP_GAP;
  }
  const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" role="img">`;
  return `${[head, `<title>${escaped(title)}</title>`, `<style>${STYLE}\n</style>`, ...parts, '</svg>'].join('\n')}\n`;
}

function row({ label, value, text: written, kind }, y, most) {
  const width = most > 0 ? Math.max(1, (value / most) * (WIDTH - LABEL_WIDTH - VALUE_WIDTH)) : 1;
  const x = LABEL_WIDTH;
  return [
    text(12, y + BASELINE, label, `${kind}-label`),
    `<rect class="${kind}" x="${x}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" rx="2"/>`,
    text(Math.round(x + width + 6), y + BASELINE, written, `${kind}-label`),
  ];
}

function text(x, y, content, className) {
  return `<text class="${className}" x="${x}" y="${y}">${escaped(content)}</text>`;
}

function escaped(content) {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

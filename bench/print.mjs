// One table on the terminal.
import { titleOf, variants } from './variants.mjs';

export function print({ node, figure, scenario, unit, medians, added, lost }) {
  console.log(`\nNode ${node}: ${figure}, ${scenario}`);
  for (const [name, value] of Object.entries(medians)) {
    const plus = added[name] === undefined ? '' : `${signed(added[name])} ${unit}`;
    const isPeer = variants[name].package !== undefined && added.ours > 0 && added[name] > 0;
    const ratio = isPeer ? `ours adds ${((added.ours / added[name]) * 100).toFixed(0)} % of that` : '';
    const row = `  ${titleOf(name).padEnd(44)} ${value.toFixed(2).padStart(10)} ${unit}  ${plus.padEnd(14)} ${ratio}`;
    console.log(row.trimEnd());
  }
  for (const line of lost) console.log(`  spans lost: ${line}`);
}

function signed(value) {
  return `${value < 0 ? '' : '+'}${value.toFixed(2)}`;
}

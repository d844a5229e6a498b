// One table on the terminal.
export function print({ node, what, unit, medians, added, lost = [] }) {
  console.log(`\nNode ${node}: ${what}`);
  const names = Object.keys(medians);
  for (const name of names) {
    const plus = name === names[0] ? '' : `+${added[name].toFixed(1)} ${unit}`;
    const isPeer = name !== 'bare' && name !== 'ours' && added.ours !== undefined && added[name] > 0;
    const ratio = isPeer ? `ours adds ${((added.ours / added[name]) * 100).toFixed(0)} % of that` : '';
    console.log(`  ${name.padEnd(20)} ${medians[name].toFixed(2).padStart(9)} ${unit}  ${plus.padEnd(14)} ${ratio}`);
  }
  for (const line of lost) console.log(`  spans lost: ${line}`);
}

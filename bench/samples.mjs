// Samples of several variants, taken in turns, and their medians.

/** @returns the middle one; of an even number, the upper of the two */
export function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

/**
 * Runs every variant once per round, the rounds one after the other, so that what else the machine does meets them all.
 * @param measure gets the variant's name, and returns figures by name
 * @returns for each figure the samples by variant
 */
export async function interleaved(names, rounds, measure) {
  const samples = {};
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      for (const [figure, value] of Object.entries(await measure(name))) {
        samples[figure] ??= {};
        samples[figure][name] ??= [];
        samples[figure][name].push(value);
      }
    }
  }
  return samples;
}

/**
 * One table: the medians by variant, and what each adds to the bare one, if that was measured.
 * @param result.figure what was measured
 * @param result.scenario in which app or situation
 * @param samples by variant
 */
export function summary({ figure, scenario, unit, lost = [] }, samples) {
  const entries = Object.entries(samples).map(([name, values]) => [name, median(values)]);
  const medians = Object.fromEntries(entries);
  const added = {};
  for (const [name, value] of entries) {
    if (name !== 'bare' && medians.bare !== undefined) added[name] = value - medians.bare;
  }
  return { figure, scenario, unit, medians, added, lost };
}

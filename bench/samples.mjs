// Samples of several variants, taken in turns, and their medians.

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
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

/** One table: the medians by variant, and what each adds to the first, which is the bare one. */
export function summary(what, unit, samples, lost = []) {
  const names = Object.keys(samples);
  const medians = Object.fromEntries(names.map((name) => [name, median(samples[name])]));
  const added = Object.fromEntries(names.map((name) => [name, medians[name] - medians[names[0]]]));
  return { what, unit, medians, added, lost };
}

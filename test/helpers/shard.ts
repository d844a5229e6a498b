/** Splits the test files between several runs: `--shard 1/3`. */

/**
 * @param files in the order in which they run
 * @param shard `1/3`: the first of three parts
 * @returns every third file, so that each part has some of each folder; all parts together are all files, each once
 * @throws if `shard` is no such fraction
 */
export function filesOfShard(files: readonly string[], shard: string): string[] {
  const [, index, count] = /^([1-9]\d*)\/([1-9]\d*)$/.exec(shard)?.map(Number) ?? [];
  if (index === undefined || count === undefined || index > count)
    throw new Error(`--shard ${shard}: one of 1/3, 2/3 and 3/3, for example`);
  return files.filter((_, at) => at % count === index - 1);
}

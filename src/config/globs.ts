/**
 * Lists of globs. One that cannot match anything is reported, and kept: to leave it out of CANVASOPS_PROPAGATE_TO could
 * mean every host.
 */
import { quote } from './display';
import { list, lowerList } from './parse';
import { problem } from './problem';
import type { ParseContext, Parser } from './setting';

function report(glob: string, what: string, fix: string, { variable, problems }: ParseContext): void {
  problems.push(problem('GLOB_WITHOUT_MATCH', variable, `${quote(glob)} matches nothing: ${what}.`, fix));
}

/** Globs for paths of requests, which begin with a slash. */
export const pathGlobs: Parser<readonly string[]> = (value, context) => {
  const globs = list(value, context);
  for (const glob of globs ?? []) {
    if (glob.startsWith('/') || glob.startsWith('*')) continue;
    report(glob, 'the path of a request begins with /', 'Write it as /health or **/health.', context);
  }
  return globs;
};

/** Globs for hosts, in which a lone `none` means the empty list, since an empty variable means "not set". */
export const hostGlobs: Parser<readonly string[]> = (value, context) => {
  const globs = lowerList(value, context);
  if (globs?.length === 1 && globs[0] === 'none') return [];
  for (const glob of globs ?? []) {
    if (!glob.includes('/')) continue;
    report(glob, 'a host has no scheme and no path', 'Write it as example.com or example.com:8080.', context);
  }
  return globs;
};

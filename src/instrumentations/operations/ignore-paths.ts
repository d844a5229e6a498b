/** CANVASOPS_IGNORE_PATHS: globs for the paths of requests that are not to be traced. */
import { splitTarget } from './request-target';

/**
 * `*` stands for anything within a segment, `**` for anything; between slashes `**` may also stand for no segment at
 * all. Matched against the path without its query.
 */
export function createPathFilter(globs: readonly string[]): (url: string) => boolean {
  if (globs.length === 0) return () => false;
  return (url) => {
    const { path } = splitTarget(url);
    return globs.some((glob) => matchesGlob(path, glob));
  };
}

/**
 * Two pointers and one place to return to for each kind of star: no recursion and no regular expression, so a
 * hostile path costs at most its length times the glob's.
 */
export function matchesGlob(text: string, glob: string): boolean {
  let t = 0;
  let g = 0;
  let star = -1;
  let starText = 0;
  let deep = -1;
  let deepText = 0;
  while (t < text.length) {
    if (glob.startsWith('**', g)) {
      deep = g;
      deepText = t;
      star = -1;
      // `/**/` also stands for a single slash; where that does not fit, the slash has to follow.
      g += glob[g - 1] === '/' && glob[g + 2] === '/' ? 3 : 2;
    } else if (glob[g] === '*') {
      star = g;
      starText = t;
      g++;
    } else if (g < glob.length && glob[g] === text[t]) {
      g++;
      t++;
    } else if (star >= 0 && text[starText] !== '/') {
      starText++;
      t = starText;
      g = star + 1;
    } else if (deep >= 0) {
      deepText++;
      t = deepText;
      star = -1;
      g = deep + 2;
    } else {
      return false;
    }
  }
  while (glob[g] === '*') g++;
  return g >= glob.length;
}

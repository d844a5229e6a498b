/** Flags of Node and ways to start a program which a preload has to get along with. */

import type { NodeVersion } from '../helpers/node-versions';
import { fromRoot } from '../helpers/paths';
import type { Case } from './unaffected';

const fixture = (name: string): string => fromRoot('fixtures/guards', name);
const inlineScript = "require('./round.cjs')((answers) => console.log(answers))";
const inlineModule = "import round from './round.cjs'; round((answers) => console.log(answers)); await 1";

interface CommandLineCase extends Case {
  /** Lines that have this flag; all of them unless told. */
  lines?: readonly NodeVersion[];
}

export const commandLines: Readonly<Record<string, CommandLineCase>> = {
  'an ES module': { program: [fixture('app.mjs')] },
  '--require': { by: '--require' },
  NODE_OPTIONS: { by: 'NODE_OPTIONS' },
  '--disallow-code-generation-from-strings': { before: ['--disallow-code-generation-from-strings'] },
  '--disable-proto=throw': { before: ['--disable-proto=throw'] },
  '--disable-proto=delete': { before: ['--disable-proto=delete'] },
  '--frozen-intrinsics': { before: ['--frozen-intrinsics'] },
  '--no-experimental-fetch': {
    before: ['--no-experimental-fetch'],
    lines: ['20', '22'],
    spans: 'client GET\n  server GET',
  },
  '--no-experimental-global-navigator': {
    before: ['--no-experimental-global-navigator'],
    lines: ['22', '24', '26'],
  },
  '--experimental-default-type=module': {
    before: ['--experimental-default-type=module'],
    program: [fixture('app.mjs')],
    lines: ['20', '22'],
  },
  '--throw-deprecation': { before: ['--throw-deprecation', '--pending-deprecation'] },
  'all warnings traced': { before: ['--trace-warnings', '--trace-deprecation', '--pending-deprecation'] },
  'a small heap and stack': { before: ['--max-old-space-size=64', '--stack-size=400'] },
  '--enable-source-maps': { before: ['--enable-source-maps', '--preserve-symlinks'] },
  '--inspect=0': { before: ['--inspect=0'], normal: (output) => output.replaceAll(/ws:\S+/g, 'ws:') },
  '--check': { before: ['--check'], spans: 'none' },
  '-e': { program: ['-e', inlineScript] },
  '-p': { program: ['-p', `${inlineScript}; 7`] },
  '--input-type=module -e': { program: ['--input-type=module', '-e', inlineModule] },
  'a script from stdin': { program: ['-'], input: inlineScript },
  'the REPL': { program: ['-i'], input: `${inlineScript}\n6 * 7\n`, spans: 'any' },
  '--test': {
    program: ['--test', fixture('app.cjs')],
    normal: (output) => output.replaceAll(/\d+\.\d+/g, 'ms'),
  },
};

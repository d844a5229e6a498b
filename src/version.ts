/** Put in by the build (scripts/build.mjs) from package.json. */
declare const __VERSION__: string | undefined;

export const VERSION: string = typeof __VERSION__ === 'string' ? __VERSION__ : '0.0.0-source';

/**
 * What is put at the end of an ES module's source: one statement that hands us its bindings, once its body has run. It stands
 * on a line of its own after the last one, so no line of the library gets another number, and no frame of ours is on the
 * stack of anything that the module does. A comment that names a source map counts wherever it stands.
 *
 * `export default name` gives the value away when it runs. For a binding that we ask for, the line becomes
 * `export { name as default }`, which gives the variable: what a patch assigns to it reaches those who import the default.
 *
 * It calls the runtime through the symbol that is there already. Nothing it does reaches the library: in a thread that is
 * not traced, or where the module has a variable `Symbol` of its own, the call fails in silence.
 */

/** Names of bindings, by the file: `postgres/src/query.js`. Plain data, since a thread is given it. */
export type HookedFiles = ReadonlyMap<string, readonly string[]>;

/** `format` and `source` as a load hook gets them from Node. */
export interface LoadedSource {
  readonly format?: string | null | undefined;
  readonly source?: string | ArrayBuffer | NodeJS.TypedArray | null | undefined;
}

/** What a load hook returns: the same object for all files but those that are hooked. Never throws. */
export type AddStatement = <Loaded extends LoadedSource>(url: string, loaded: Loaded) => Loaded;

const FOLDER = '/node_modules/';

export function createAddStatement(files: HookedFiles): AddStatement {
  return (url, loaded) => {
    try {
      const names = namesFor(url, files);
      // A file may be CommonJS in other versions of the package, and is seen elsewhere then.
      if (names === undefined || loaded.format !== 'module' || loaded.source == null) return loaded;
      const source =
        typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source);
      const statement = statementFor(url, names);
      // Another copy of the hook may have been first: threads share the one that `module.register` starts.
      if (source.endsWith(statement)) return loaded;
      return { ...loaded, source: withLiveDefault(source, names) + statement };
    } catch {
      return loaded;
    }
  };
}

/** URLs have `/` on every system, and nothing is encoded in them that names of packages may have. */
function namesFor(url: string, files: HookedFiles): readonly string[] | undefined {
  const start = url.lastIndexOf(FOLDER);
  if (start < 0) return undefined;
  // The same file is another module with another query.
  const end = url.slice(start).search(/[?#]/);
  return files.get(url.slice(start + FOLDER.length, end < 0 ? undefined : start + end));
}

/** A line with nothing else on it, which the next one does not go on with. */
const DEFAULT_EXPORT = /^export default ([A-Za-z_$][\w$]*)(?:;|(?!\s*[.,([`?=+*/%&|^<>-]))$/m;

function withLiveDefault(source: string, names: readonly string[]): string {
  return source.replace(DEFAULT_EXPORT, (line, name: string) =>
    names.includes(name) ? `export { ${name} as default };` : line,
  );
}

function statementFor(url: string, names: readonly string[]): string {
  const accessors = names.map(
    (name) => `,get ${name}(){return ${name}},set ${name}($canvasops){${name}=$canvasops}`,
  );
  // The first semicolon ends what the last line may have left open.
  return `\n;try{globalThis[Symbol.for("canvasops.register")].esModuleRan(${JSON.stringify(url)},{__proto__:null${accessors.join('')}})}catch{}\n`;
}

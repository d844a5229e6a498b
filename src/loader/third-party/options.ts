/**
 * Hosted instrumentations read their options from `process.env`, which a `.env` file never reaches: it is not ours to
 * change. What decides on private content is handed to their constructors instead; the rest is told.
 */
export interface Variables {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The `.env` file. */
  readonly file: Readonly<Record<string, string>> | undefined;
}

const CAPTURE_CONTENT = 'OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT';
const OPENINFERENCE = 'OPENINFERENCE_';
/** Beginnings of names that instrumentations read and we do not. */
const THEIRS = ['OTEL_INSTRUMENTATION_', 'OTEL_SEMCONV_STABILITY_OPT_IN'];
/** Rows of our own settings table below the first of these. */
const OURS = ['OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS'];

/**
 * @param variables of the environment and the `.env` file
 * @param name of a variable
 * @returns its value in the environment, else in the `.env` file; empty means not set
 */
export function variable({ env, file }: Variables, name: string): string | undefined {
  return env[name]?.trim() || file?.[name]?.trim() || undefined;
}

/**
 * @param name npm name of the instrumentation
 * @param variables of the environment and the `.env` file
 * @returns what its constructor takes for the variables of its own that only the `.env` file has
 */
export function constructorOptions(name: string, { env, file = {} }: Variables): object | undefined {
  if (name === '@opentelemetry/instrumentation-openai') {
    const capture = env[CAPTURE_CONTENT] ? undefined : file[CAPTURE_CONTENT];
    return capture === undefined ? undefined : { captureMessageContent: capture.toLowerCase() === 'true' };
  }
  if (!name.startsWith('@arizeai/openinference-instrumentation-')) return undefined;
  // OpenInference looks at its variables only where it is given an object, which may be empty (2.7 of its core).
  const traceConfig: Record<string, boolean | number> = {};
  for (const [key, text] of Object.entries(file)) {
    if (!key.startsWith(OPENINFERENCE) || env[key]) continue;
    const value = switchOrNumber(text);
    if (value !== undefined) traceConfig[camelCase(key.slice(OPENINFERENCE.length))] = value;
  }
  return { traceConfig };
}

/** @returns names of variables that stand in the `.env` file only and cannot be handed over */
export function outOfReach({ env, file = {} }: Variables): string[] {
  return Object.keys(file).filter(
    (name) =>
      THEIRS.some((beginning) => name.startsWith(beginning)) &&
      name !== CAPTURE_CONTENT &&
      !OURS.includes(name) &&
      !env[name],
  );
}

function switchOrNumber(text: string): boolean | number | undefined {
  const lower = text.trim().toLowerCase();
  if (lower === 'true' || lower === 'false') return lower === 'true';
  const number = lower === '' ? Number.NaN : Number(lower);
  return Number.isInteger(number) ? number : undefined;
}

/** `HIDE_INPUT_TEXT` -> `hideInputText`, `HIDE_LLM_TOOLS` -> `hideLLMTools`: OpenInference names option and variable alike. */
function camelCase(name: string): string {
  return name
    .toLowerCase()
    .split('_')
    .map((word, at) => {
      if (word === 'llm') return 'LLM';
      return at === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1);
    })
    .join('');
}

// One line of JSON per test: the file, the names from the outside in, and how it went.
export default async function* report(events) {
  const names = [];
  for await (const { type, data } of events) {
    if (type === 'test:start') {
      names.length = data.nesting;
      names[data.nesting] = data.name;
    } else if (type === 'test:pass' || type === 'test:fail') {
      names.length = data.nesting;
      const outcome = data.skip || data.todo ? 'left out' : type.slice('test:'.length);
      yield `${JSON.stringify({ name: [data.file, ...names, data.name].join(' > '), outcome, error: String(data.details?.error?.cause ?? '') })}\n`;
    }
  }
}

// Our encoder on its own: from ended spans to the bytes of a batch. Bundled as the package is before it runs.
import { ScopeSpansBuilder } from '../../src/otlp/scope-spans.ts';
import { testProvider } from '../../test/tracing/provider.ts';
import { makeSpans } from './encoded-spans.cjs';
import { measure } from './measure.cjs';

const BATCHES = 100;

async function main() {
  const { provider, ended } = testProvider();
  makeSpans(provider.getTracer('bench', '1.0.0'));
  const builder = new ScopeSpansBuilder(false);
  const encode = () => {
    for (const span of ended) builder.add(span);
    return builder.finish();
  };
  if (ended.length === 0 || encode()[0].length < ended.length * 50)
    throw new Error('the spans were not encoded');
  const { nanoseconds } = await measure(BATCHES, encode, async () => {});
  process.stdout.write(JSON.stringify({ nanoseconds: nanoseconds / ended.length }));
}

main();

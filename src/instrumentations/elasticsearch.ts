/**
 * @elastic/elasticsearch 8 and 9: one span per call of the app, from the call until its promise settles.
 *
 * - All calls pass `Transport#request` of @elastic/transport, which tells since 8.14 of the client what the endpoint is called.
 * - The transport makes spans of its own through @opentelemetry/api (lib/middleware/OpenTelemetry.js, before 9.4
 *   lib/Transport.js). They would repeat ours, so they are left out (`ownScope` in the registry). They have the old names of
 *   the conventions (`db.system`), no error of an answer that has failures in it, and no call that the app makes by a path.
 * - `getConnection` chooses the node for each attempt, and runs in the context of the call.
 * - Sniffing is `sniff` of the client's own transport. A pool with pings (`ClusterConnectionPool`) sends them by `resurrect`. The
 *   check that it is Elasticsearch reads the headers of answers, and asks for nothing (lib/middleware/ProductCheck.js).
 * - An answer that is read as a stream ends the span when its headers are there. The span of the HTTP request goes on.
 */
import { activeContext } from '../tracing/context';
import type { Class, Instrumentation, InstrumentationEnv } from './define';
import { SearchCall, SearchDatabase } from './operations/search';

/** Exported as CommonJS, or declared in an ES module. */
type Exports<Name extends string> = { readonly default: Class } | Readonly<Record<Name, Class>>;

export function create(env: InstrumentationEnv): Instrumentation {
  const search = new SearchDatabase(env, 'elasticsearch');
  return {
    patch: {
      transport(exports: Exports<'Transport'>) {
        const { prototype } = 'default' in exports ? exports.default : exports.Transport;
        env.wrap<object, SearchCall>(prototype, 'request', {
          before: (_transport, [params]) => search.begin(params),
          contextOf: (call) => call.inside,
          after: (call, result) => call.follow(result),
          threw: (call, error) => call.finish(error),
        });
        env.wrap<object, SearchCall>(prototype, 'getConnection', {
          before: () => SearchCall.in(activeContext()),
          after(call, node) {
            call.sentTo(node);
            return undefined;
          },
        });
      },
      pool: (exports: Exports<'ClusterConnectionPool'>) =>
        search.asksForItself(
          ('default' in exports ? exports.default : exports.ClusterConnectionPool).prototype,
          'resurrect',
        ),
      sniffing: (exports: Exports<'SniffingTransport'>) =>
        search.asksForItself(
          ('default' in exports ? exports.default : exports.SniffingTransport).prototype,
          'sniff',
        ),
    },
  };
}

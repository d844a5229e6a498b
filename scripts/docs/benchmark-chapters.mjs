/** What docs/benchmarks.md says of each suite, in this order, and which of its figures are drawn. */
export const chapters = [
  {
    suite: 'start-up',
    title: 'Start-up',
    text: 'The wall time of an empty program, from its start until it has ended.',
    plotted: ['start-up'],
  },
  {
    suite: 'saturation',
    title: 'CPU and memory at saturation',
    text: `32 connections ask without a pause. CPU is the time (user and system) of the server's process from the end of the
warm-up until its last span was delivered, per request. Memory is the largest resident set since the process began. The
scenario with \`fetch\` gets a tenth of the requests, each of which makes ten outgoing ones.`,
    plotted: ['CPU per request', 'peak memory'],
  },
  {
    suite: 'sampling',
    title: 'Sampling',
    text: 'The same, when no trace, one in a hundred, or every trace is kept.',
    plotted: [],
  },
  {
    suite: 'latency',
    title: 'Latency at a fixed rate',
    text: `Requests come at 80 % of the rate that the bare server can take, for six seconds or longer. A latency counts from
the moment the request was due, so that a stall is not left out: a tracer under which the server cannot keep up with the
rate shows how long its queue became. The delay of the event loop is Node's own measure (\`monitorEventLoopDelay\`).`,
    plotted: ['latency p99'],
  },
  {
    suite: 'stalls',
    title: 'Stalls',
    text: `A program makes 10,000 spans a second with four attributes each. Two places are timed at which a tracer can hold
it up: the calls that start and end one span, and what is done between turns of the event loop. "Nothing" is the API of
OpenTelemetry without a tracer.`,
    plotted: [],
  },
  {
    suite: 'api',
    title: 'Calls of the API',
    text: `Time, and bytes allocated on V8's heap. \`addMetadata()\` and \`addEvent()\` are called ten times on a span; the cost
of an empty span is taken off. \`npm test\` counts the bytes of the same program and fails where they have become more.`,
    plotted: [],
  },
  {
    suite: 'encode',
    title: 'Encoding',
    text: `From ended spans to the bytes of an OTLP request, beside \`ProtobufTraceSerializer\` of
\`@opentelemetry/otlp-transformer\` with spans of the official SDK.`,
    plotted: [],
  },
  {
    suite: 'scaling',
    title: 'Scaling',
    text: 'A span without attributes, started, ended and encoded: in traces of different size, and while others are open.',
    plotted: [],
  },
];

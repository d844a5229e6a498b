/** Ports that stand next to the OTLP ones in every example and are mistaken for them. */
const MEANINGS: ReadonlyMap<number, string> = new Map([
  [5775, "Jaeger's old Zipkin Thrift over UDP"],
  [5778, "Jaeger's sampling configuration"],
  [6831, "Jaeger's Thrift compact over UDP"],
  [6832, "Jaeger's Thrift binary over UDP"],
  [9411, 'Zipkin'],
  [14250, "Jaeger's own gRPC"],
  [14268, "Jaeger's Thrift over HTTP"],
  [14269, "Jaeger's health check"],
  [16685, "Jaeger's query API"],
  [16686, "Jaeger's user interface"],
]);

/** What usually listens there, or undefined if nothing is known against it. */
export function meaningOfPort(port: number): string | undefined {
  return MEANINGS.get(port);
}

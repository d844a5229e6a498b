/** What the pipeline must know of each kind of destination. */
import type { Destination } from '../config/types';
import type { Form, TransportName } from './types';

/** @returns The form in which the destination gets its spans. */
export function formOf(destination: Destination): Form {
  if (destination.transport !== 'otlp') return 'spans';
  const base = destination.protocol === 'http/json' ? 'json' : 'protobuf';
  return destination.dialect === 'openinference' ? `${base}+openinference` : base;
}

/** @returns The name of the transport that sends to the destination. */
export function transportName(destination: Destination): TransportName {
  if (destination.transport !== 'otlp') return destination.transport;
  return destination.protocol === 'grpc' ? 'grpc' : 'http';
}

/** @returns Whether the destination says what it took. UDP gives no answer. */
export function answers(destination: Destination): boolean {
  return destination.transport !== 'jaeger-udp';
}

/** @returns Whether nobody has configured the destination: it is the default of OpenTelemetry. */
export function isImplicit(destination: Destination): boolean {
  return destination.transport === 'otlp' && destination.implicit;
}

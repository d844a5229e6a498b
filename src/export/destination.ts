import type { Destination } from '../config/types';
import type { TransportName } from './types';

export function transportName(destination: Destination): TransportName {
  if (destination.transport !== 'otlp') return destination.transport;
  return destination.protocol === 'grpc' ? 'grpc' : 'http';
}

/** The official decoders of the test helpers, and the official protobuf encoder to compare sizes with. */
import { createRequire } from 'node:module';

export { decodeJson, decodeProtobuf } from '../helpers/otlp-official';

interface RequestType {
  decode(bytes: Uint8Array): object;
  encode(message: object): { finish(): Uint8Array };
}

const generated = createRequire(__filename)('otlp-generated/build/src/generated/root') as {
  opentelemetry: { proto: { collector: { trace: { v1: { ExportTraceServiceRequest: RequestType } } } } };
};

export function reencodeProtobuf(bytes: Uint8Array): Uint8Array {
  const { ExportTraceServiceRequest } = generated.opentelemetry.proto.collector.trace.v1;
  return ExportTraceServiceRequest.encode(ExportTraceServiceRequest.decode(bytes)).finish();
}

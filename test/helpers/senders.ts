/** Senders that share no code with us or with the receivers' own decoding. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { Client, credentials, type ServiceError } from '@grpc/grpc-js';
import { runToExit } from './run-app';

/** The official SDK sends the two spans that `fixtures/official-otlp/send.cjs` describes. */
export async function officialSend(
  form: 'proto' | 'json' | 'grpc',
  url: string,
  more: string[] = [],
  env = {},
): Promise<void> {
  const entry = 'fixtures/official-otlp/send.cjs';
  const { code, stderr } = await runToExit({ entry, args: [form, url, ...more], env, flag: 'none' });
  assert.equal(code, 0, stderr);
}

/** One gRPC call with these bytes as its message; resolves with the refusal, or null. */
export function grpcSend(port: number, message: Buffer): Promise<ServiceError | null> {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  const path = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
  const asItIs = (bytes: Buffer): Buffer => bytes;
  return new Promise((resolve) => {
    client.makeUnaryRequest(path, asItIs, asItIs, message, (error) => {
      client.close();
      resolve(error);
    });
  });
}

/** `emitBatch` with one span, written by the npm package `thrift`. */
export function thriftBatch(): Buffer {
  const thrift = createRequire(__filename)('thrift');
  const { Type, MessageType } = thrift.Thrift;
  let bytes: Buffer = Buffer.alloc(0);
  const transport = new thrift.TBufferedTransport(undefined, (message: Buffer) => {
    bytes = message;
  });
  const p = new thrift.TCompactProtocol(transport);
  const field = (type: number, id: number, write: () => void): void => {
    p.writeFieldBegin('', type, id);
    write();
    p.writeFieldEnd();
  };
  const struct = (write: () => void): void => {
    p.writeStructBegin('');
    write();
    p.writeFieldStop();
    p.writeStructEnd();
  };
  const long = (id: number, value: number): void => field(Type.I64, id, () => p.writeI64(value));
  const text = (id: number, value: string): void => field(Type.STRING, id, () => p.writeString(value));
  const list = (id: number, write: () => void): void =>
    field(Type.LIST, id, () => {
      p.writeListBegin(Type.STRUCT, 1);
      struct(write);
    });
  const span = (): void => {
    long(1, 2);
    long(2, 1);
    long(3, 3);
    long(4, 0);
    text(5, 'a job');
    field(Type.I32, 7, () => p.writeI32(1));
    long(8, 1_700_000_000_000_001);
    long(9, 12);
    list(10, () => {
      text(1, 'answer');
      field(Type.I32, 2, () => p.writeI32(3));
      long(6, 42);
    });
  };
  p.writeMessageBegin('emitBatch', MessageType.ONEWAY, 0);
  struct(() =>
    field(Type.STRUCT, 1, () =>
      struct(() => {
        field(Type.STRUCT, 1, () => struct(() => text(1, 'shop')));
        list(2, span);
      }),
    ),
  );
  p.writeMessageEnd();
  p.flush();
  return bytes;
}

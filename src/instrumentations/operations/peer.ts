/**
 * The other end of a connection, found out without leaving a trace in its socket.
 *
 * Node's getters `remoteAddress` and `remotePort` keep what they found in the socket (`_getpeername` in lib/net.js), and
 * answer from there after the connection is gone. An app that reads them later would get an address where it gets
 * `undefined` without us. So the handle is asked, and the answer is kept in hidden state of ours.
 */
import { trusted } from '../../redaction/sanitized';
import type { AttributeBlock } from '../../tracing/attribute-block';
import { NETWORK_PEER_ADDRESS, NETWORK_PEER_PORT } from '../../tracing/semconv';
import type { RecordingSpan } from '../../tracing/span';
import { createHiddenState } from './hidden-state';

export interface Peer {
  readonly address: string | undefined;
  readonly port: number | undefined;
  /** Kept by whoever describes spans of incoming requests. */
  attributes: AttributeBlock | undefined;
}

/** The parts of Node's sockets that are read; all of them are plain properties. */
interface NodeSocket {
  readonly connecting?: unknown;
  /** What Node's getters found, where somebody has used them. */
  readonly _peername?: { readonly address?: unknown; readonly port?: unknown } | null;
  readonly _handle?: { getpeername?: (out: object) => unknown } | null;
}

const UNKNOWN: Peer = { address: undefined, port: undefined, attributes: undefined };

const peers = createHiddenState<Peer>();

/**
 * @param socket of node:net or node:tls, or what an app uses in its place
 * @returns address and port of the other end; both undefined where they cannot be known (pipes, closed connections)
 */
export function peerOf(socket: unknown): Peer {
  if (typeof socket !== 'object' || socket === null) return UNKNOWN;
  const known = peers.get(socket);
  if (known !== undefined) return known;
  const peer = readPeer(socket);
  if (peer === undefined) return UNKNOWN;
  peers.set(socket, peer);
  return peer;
}

/** Puts the other end of a connection on spans. */
export function putPeer(target: Pick<AttributeBlock | RecordingSpan, 'put'>, { address, port }: Peer): void {
  target.put(NETWORK_PEER_ADDRESS, trusted(address));
  target.put(NETWORK_PEER_PORT, port);
}

function readPeer(socket: NodeSocket): Peer | undefined {
  const { _peername: kept, _handle: handle } = socket;
  if (kept) return toPeer(kept.address, kept.port);
  if (handle === undefined) return toPeer(ownValue(socket, 'remoteAddress'), ownValue(socket, 'remotePort'));
  if (handle === null || socket.connecting === true || typeof handle.getpeername !== 'function')
    return undefined;
  const found: { address?: unknown; port?: unknown } = {};
  handle.getpeername(found);
  return toPeer(found.address, found.port);
}

function toPeer(address: unknown, port: unknown): Peer | undefined {
  if (typeof address !== 'string') return undefined;
  return { address, port: typeof port === 'number' ? port : undefined, attributes: undefined };
}

/** A getter of the app's might do anything. */
function ownValue(object: object, name: string): unknown {
  return Object.getOwnPropertyDescriptor(object, name)?.value;
}

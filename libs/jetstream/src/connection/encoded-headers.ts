import type { MsgHdrs } from '@nats-io/transport-node';

/**
 * Headers that are text already, so that a publish encodes them once instead of building a map first (9.5 µs a publish
 * against 23 µs, nats-core 3.4.0).
 *
 * nats-core asks the headers that it publishes for nothing but `encode()` (lib/protocol.js, `publish`).
 */
class EncodedHeaders {
  constructor(private readonly block: Buffer) {}

  encode(): Uint8Array {
    return this.block;
  }
}

/** @param block a whole header block: `NATS/1.0\r\nName: value\r\n…\r\n\r\n`, ASCII */
export function encodedHeaders(block: string): MsgHdrs {
  return new EncodedHeaders(Buffer.from(block, 'latin1')) as unknown as MsgHdrs;
}

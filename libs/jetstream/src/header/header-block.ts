import type { Msg } from '@nats-io/transport-node';

const VERSION = 'NATS/1.0';
const LINE_FEED = 10;

/**
 * The header block of a message as text, `''` when it has none.
 *
 * nats-core hands over `data` as a view into the buffer that holds the headers right before it; building a map of them
 * costs more than all the rest of a small read, so the text is taken from there. Header values hold no line feed, so the
 * nearest line that begins with the version is the block's first. Where that layout is not found, the parsed headers serve.
 *
 * @param data of the message, which the client makes anew at every look
 */
export function headerBlock(msg: Msg, data: Uint8Array = msg.data): string {
  const { buffer, byteOffset } = data;
  const before = Buffer.from(buffer, 0, byteOffset);
  // An empty line ends the block; the line of a message without headers ends with one line feed only.
  if (byteOffset > VERSION.length && before[byteOffset - 1] === LINE_FEED && before[byteOffset - 3] === LINE_FEED) {
    for (let at = byteOffset; at >= 0; at--) {
      at = before.lastIndexOf(VERSION, at, 'latin1');
      if (at < 0) break;
      if (at === 0 || before[at - 1] === LINE_FEED) return before.toString('latin1', at, byteOffset);
    }
  }
  return msg.headers?.toString() ?? '';
}

/** The status code of a message that has one, else 0. */
export function statusOf(msg: Msg): number {
  return msg.headers?.code ?? 0;
}

/** The first value of a header in a block, or undefined. Names are matched to the letter. */
export function headerValue(block: string, name: string): string | undefined {
  let at = 0;
  for (;;) {
    at = block.indexOf(name, at);
    if (at < 0) return undefined;
    const end = at + name.length;
    if (block.charCodeAt(end) === 58 && block.charCodeAt(at - 1) === 10) {
      return block.slice(end + 1, block.indexOf('\r', end)).trim();
    }
    at = end;
  }
}

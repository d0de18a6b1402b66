import type { Msg } from '@nats-io/transport-node';
import { headerBlock } from '../header/header-block.ts';
import { NATS_HEADER } from '../header/header-names.ts';
import type { StoredMessage } from './stored-message.ts';

const SUBJECT = `\r\n${NATS_HEADER.subject}: `;
const SEQUENCE = `\r\n${NATS_HEADER.sequence}: `;
const TIME_STAMP = `\r\n${NATS_HEADER.timeStamp}: `;

/** The stored message that a Direct Get reply carries. */
export function directMessage(stream: string, msg: Msg): StoredMessage {
  const headers = headerBlock(msg);
  return {
    stream,
    sequence: Number(lastValue(headers, SEQUENCE)),
    subject: lastValue(headers, SUBJECT),
    recordedAt: lastValue(headers, TIME_STAMP),
    headers,
    body: msg.data,
  };
}

/** The server adds its headers behind the stored ones, so the last one of a name is its own. */
function lastValue(block: string, name: string): string {
  const at = block.lastIndexOf(name);
  if (at < 0) return '';
  const from = at + name.length;
  return block.slice(from, block.indexOf('\r', from));
}

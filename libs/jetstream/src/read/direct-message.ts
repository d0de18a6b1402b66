import type { Msg } from '@nats-io/transport-node';
import { StoreUnavailable } from '@annals/core';
import { headerBlock } from '../header/header-block.ts';
import { NATS_HEADER } from '../header/header-names.ts';
import type { StoredMessage } from './stored-message.ts';

const SUBJECT = `\r\n${NATS_HEADER.subject}: `;
const SEQUENCE = `\r\n${NATS_HEADER.sequence}: `;
const TIME_STAMP = `\r\n${NATS_HEADER.timeStamp}: `;

/** The stored message that a Direct Get reply carries. */
export function directMessage(stream: string, msg: Msg): StoredMessage {
  const headers = headerBlock(msg);
  // The server adds its headers behind the stored ones, so the last ones of a name are its own, one behind the other.
  const at = headers.lastIndexOf(SUBJECT) + SUBJECT.length;
  const subjectEnd = headers.indexOf('\r', at);
  const sequenceEnd = headers.indexOf('\r', subjectEnd + SEQUENCE.length);
  const timeEnd = headers.indexOf('\r', sequenceEnd + TIME_STAMP.length);
  if (!headers.startsWith(SEQUENCE, subjectEnd) || !headers.startsWith(TIME_STAMP, sequenceEnd)) {
    throw new StoreUnavailable('nats-server answers a Direct Get in a form that is not known');
  }
  return {
    stream,
    sequence: Number(headers.slice(subjectEnd + SEQUENCE.length, sequenceEnd)),
    subject: headers.slice(at, subjectEnd),
    recordedAt: headers.slice(sequenceEnd + TIME_STAMP.length, timeEnd),
    headers,
    body: msg.data,
  };
}

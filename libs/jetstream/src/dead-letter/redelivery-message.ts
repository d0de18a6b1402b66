import { parseDeadLetterId } from '@annals/core';
import type { CommitMessage } from '../append/commit-messages.ts';
import { NATS_HEADER } from '../header/header-names.ts';
import { decodeToken } from '../subject/subject-map.ts';
import { REDRIVE, redeliveryFilter, redeliverySubject } from '../subscribe/subscription-names.ts';
import type { Redelivery } from './redelivery.ts';

/** What the subject does not tell. */
interface Body {
  readonly lane?: string;
  readonly notBeforeMs?: number;
}

const PREFIX = redeliveryFilter('x').split('.')[0];

/** The message of a redelivery: it expects that none of its subject waits. */
export function encodeRedelivery({
  subscription,
  stream,
  sequence,
  cause,
  replayId,
  lane,
  notBeforeMs,
}: Redelivery): CommitMessage {
  const causeToken = cause === 'redrive' ? REDRIVE : replayId!;
  const body: Body = { ...(lane !== undefined && { lane }), ...(notBeforeMs !== undefined && { notBeforeMs }) };
  return {
    subject: redeliverySubject(subscription, stream, sequence, causeToken),
    headers: `NATS/1.0\r\n${NATS_HEADER.expectedLastSubjectSequence}: 0\r\n`,
    body: Buffer.from(JSON.stringify(body), 'utf8'),
  };
}

/** The redelivery that a message of the queue is; undefined for what is none. */
export function decodeRedelivery(subject: string, body: Uint8Array): Redelivery | undefined {
  const [prefix, token = '', stream, sequence, cause, ...more] = subject.split('.');
  const subscription = decodeToken(token);
  if (prefix !== PREFIX || subscription === undefined || !cause || more.length > 0) return undefined;
  const key = parseDeadLetterId(`${subscription}/${stream}/${sequence}`);
  if (!key) return undefined;
  const { lane, notBeforeMs } = parseBody(body);
  const rest = {
    ...(typeof lane === 'string' && { lane }),
    ...(typeof notBeforeMs === 'number' && { notBeforeMs }),
  };
  return cause === REDRIVE
    ? { ...key, cause: 'redrive', ...rest }
    : { ...key, cause: 'replay', replayId: cause, ...rest };
}

function parseBody(body: Uint8Array): Body {
  try {
    return (JSON.parse(Buffer.from(body).toString('utf8')) ?? {}) as Body;
  } catch {
    return {};
  }
}

import type { AppendAllOptions, ExpectedVersion, TraceContext } from '@annals/core';
import { ValidationError } from '@annals/core';
import type { IncomingMessage } from 'node:http';
import { readIdempotencyKey } from '../http/idempotency-key.ts';

/** What the headers of an append say. */
export interface AppendHeaders {
  readonly precondition: ExpectedVersion | undefined;
  readonly options: AppendAllOptions;
}

const VERSION_TAG = /^(?:W\/)?"(0|[1-9]\d{0,15})"$/;
/** https://www.w3.org/TR/trace-context/: ids of zeros and version ff are invalid. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
const TRACESTATE = /^[\x20-\x7e]{1,512}$/;

/** Reads the headers of `POST /events`. @throws ValidationError */
export function readAppendHeaders(request: IncomingMessage): AppendHeaders {
  const { headers } = request;
  return {
    precondition: readPrecondition(headers['if-match'], headers['if-none-match']),
    options: { idempotencyKey: readIdempotencyKey(request), traceContext: readTraceContext(headers) },
  };
}

function readPrecondition(ifMatch: string | undefined, ifNoneMatch: string | undefined): ExpectedVersion | undefined {
  if (ifMatch === undefined && ifNoneMatch === undefined) return undefined;
  if (ifMatch !== undefined && ifNoneMatch !== undefined) {
    throw new ValidationError([{ path: 'If-Match', message: 'and If-None-Match exclude each other' }]);
  }
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch.trim() === '*') return 'none';
    throw new ValidationError([
      { path: 'If-None-Match', message: 'must be *, which stands for an aggregate without events' },
    ]);
  }
  const tag = ifMatch!.trim();
  if (tag === '*') return 'exists';
  const version = Number(VERSION_TAG.exec(tag)?.[1] ?? NaN);
  if (Number.isSafeInteger(version)) return version;
  throw new ValidationError([
    { path: 'If-Match', message: 'must be * or one version in quotes, like "3", as the ETag of the aggregate has it' },
  ]);
}

/** A broken trace context is dropped, as W3C wants it: tracing never fails a request. */
function readTraceContext(headers: IncomingMessage['headers']): TraceContext | undefined {
  const traceparent = headers['traceparent'];
  if (typeof traceparent !== 'string' || !TRACEPARENT.test(traceparent)) return undefined;
  const tracestate = headers['tracestate'];
  return typeof tracestate === 'string' && TRACESTATE.test(tracestate) ? { traceparent, tracestate } : { traceparent };
}

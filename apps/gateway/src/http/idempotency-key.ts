import type { IncomingMessage } from 'node:http';
import { ValidationError } from '@annals/core';

/** The header `Idempotency-Key`, whose value the store checks. @throws ValidationError where it is given twice */
export function readIdempotencyKey(request: IncomingMessage): string | undefined {
  const key = request.headers['idempotency-key'] as string | undefined;
  if (key !== undefined && (request.headersDistinct['idempotency-key']?.length ?? 0) > 1) {
    throw new ValidationError([{ path: 'Idempotency-Key', message: 'must be given once' }]);
  }
  return key;
}

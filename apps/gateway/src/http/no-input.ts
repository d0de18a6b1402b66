import { ValidationError } from '@annals/core';
import { asRecord } from './as-record.ts';

/** For routes without parameters. @throws ValidationError where one is given */
export function refuseQuery(query: unknown): void {
  const names = Object.keys(query as object);
  if (names.length === 0) return;
  throw new ValidationError(names.slice(0, 100).map((path) => ({ path, message: 'is not a parameter of this route' })));
}

/** For routes that take no body, but for an empty object. @throws ValidationError */
export function refuseBody(body: unknown): void {
  if (body === undefined) return;
  const fields = asRecord(body);
  if (fields !== undefined && Object.keys(fields).length === 0) return;
  throw new ValidationError([{ path: '', message: 'must be empty: this route takes no body' }]);
}

/** For routes that take neither parameters nor a body, but for an empty object. @throws ValidationError */
export function refuseInput({ query, body }: { readonly query: unknown; readonly body: unknown }): void {
  refuseQuery(query);
  refuseBody(body);
}

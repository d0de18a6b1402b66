import { invalidRequest } from './problem.ts';

/** A partial update must name at least one thing. */
export function requireChange<T extends object>(changes: T): T {
  if (Object.values(changes).every((value) => value === undefined)) {
    throw invalidRequest([{ path: '', message: 'name at least one property to change' }]);
  }
  // A DTO is an instance of its class; events hold plain data.
  return { ...changes };
}

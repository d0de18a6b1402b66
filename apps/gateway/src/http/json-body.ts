import { isUtf8 } from 'node:buffer';
import { HttpProblem } from '../problem/http-problem.ts';

const BYTE_ORDER_MARK = 0xfeff;

/**
 * Parses a body as JSON. An empty one is `undefined`: some routes need none.
 *
 * `__proto__` and `constructor` stay keys like any others (JSON.parse makes own properties of them, and nothing here
 * assigns by key); of a key given twice the last one counts.
 *
 * @throws HttpProblem `malformed-json`
 */
export function parseJsonBody(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  if (!isUtf8(body)) throw new HttpProblem('malformed-json', 'The body is not UTF-8.');
  const text = body.toString('utf8');
  try {
    return JSON.parse(text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text);
  } catch (error) {
    const reason = error instanceof SyntaxError ? error.message : 'it is nested too deeply';
    throw new HttpProblem('malformed-json', `The body is not JSON: ${reason}`);
  }
}

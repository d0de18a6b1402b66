import { ValidationError } from '@annals/core';
import { DEFAULT_PAGE_LIMIT } from '@annals/contract';

/** A page of a list that the store gives whole. */
export interface ListPage<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

/**
 * Cuts a page out of a list, in the order of `keyOf`; the cursor names the last item before the page, so that it holds when
 * items come and go.
 *
 * @throws ValidationError for a cursor that is none
 */
export function pageOfList<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  { limit = DEFAULT_PAGE_LIMIT, cursor }: { readonly limit?: number; readonly cursor?: string },
): ListPage<Item> {
  const after = cursor === undefined ? undefined : readCursor(cursor);
  const sorted = [...items].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const rest = after === undefined ? sorted : sorted.filter((item) => keyOf(item) > after);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  const nextCursor = rest.length > limit && last !== undefined ? writeCursor(keyOf(last)) : null;
  return { items: page, nextCursor };
}

function writeCursor(key: string): string {
  return Buffer.from(key).toString('base64url');
}

function readCursor(text: string): string {
  const key = Buffer.from(text, 'base64url').toString('utf8');
  if (writeCursor(key) === text) return key;
  throw new ValidationError([{ path: 'cursor', message: 'is not one that this gateway made' }]);
}

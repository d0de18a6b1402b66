import { type Position, ValidationError } from '@annals/core';

/** Where a list goes on: within one aggregate by version, else by position in every stream read so far. */
export type CursorPlace =
  | {
      readonly kind: 'version';
      /** The type that was found for an id without type. */
      readonly aggregateType: string;
      /** First version of the next page, in the order of the list. */
      readonly version: number;
      /** Newest version that the list takes, where the first page fixed it. */
      readonly upTo?: number;
    }
  | { readonly kind: 'positions'; readonly after: readonly Position[] };

const VERSION_CURSOR = 1;

/** Makes the opaque text; `digest` binds it to the selection that it was made for. */
export function writeCursor(place: CursorPlace, digest: string): string {
  const value =
    place.kind === 'version'
      ? [VERSION_CURSOR, digest, place.aggregateType, place.version, ...(place.upTo === undefined ? [] : [place.upTo])]
      : [VERSION_CURSOR, digest, place.after.map(({ stream, sequence }) => [stream, sequence])];
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** @throws ValidationError when the text is no cursor, or one of another selection */
export function readCursor(text: string, digest: string): CursorPlace {
  const value = parse(text);
  if (!Array.isArray(value) || value[0] !== VERSION_CURSOR) throw refused('is not one that this gateway made');
  if (value[1] !== digest) {
    throw refused('belongs to other criteria or another order: begin without it, or repeat the criteria it came from');
  }
  const place = value.length === 3 ? positions(value[2]) : versions(value);
  if (place === undefined) throw refused('is not one that this gateway made');
  return place;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

function positions(value: unknown): CursorPlace | undefined {
  if (!Array.isArray(value)) return undefined;
  const after = value.map((pair: unknown) => {
    const [stream, sequence] = Array.isArray(pair) ? (pair as unknown[]) : [];
    return typeof stream === 'string' && isWhole(sequence, 0) ? { stream, sequence } : undefined;
  });
  return after.every((position) => position !== undefined) ? { kind: 'positions', after } : undefined;
}

function versions(value: readonly unknown[]): CursorPlace | undefined {
  const [, , aggregateType, version, upTo] = value;
  if (value.length > 5 || typeof aggregateType !== 'string' || !isWhole(version, 1)) return undefined;
  if (upTo === undefined) return { kind: 'version', aggregateType, version };
  return isWhole(upTo, 0) ? { kind: 'version', aggregateType, version, upTo } : undefined;
}

function isWhole(value: unknown, min: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= min;
}

function refused(message: string): ValidationError {
  return new ValidationError([{ path: 'cursor', message }]);
}

const ONE = '*';
const REST = '>';

/** Patterns of event types of which no two match the same type. */
export interface DisjointPatterns {
  readonly patterns: readonly string[];
  /** False when they match more than the given ones did. */
  readonly exact: boolean;
}

/**
 * Makes patterns disjoint, because JetStream refuses a consumer whose filters overlap (10138): one that another covers is
 * dropped, two that overlap otherwise (`user.*`, `*.created`) become the narrowest one that covers both.
 *
 * @param patterns event types, `*` standing for a token and a last `>` for one or more
 */
export function disjointPatterns(patterns: readonly string[]): DisjointPatterns {
  let exact = true;
  const kept: string[][] = [];
  const open = [...new Set(patterns)].map((pattern) => pattern.split('.'));
  for (let next = open.pop(); next; next = open.pop()) {
    const pattern = next;
    const clash = kept.findIndex((other) => overlap(pattern, other));
    if (clash < 0) {
      kept.push(pattern);
      continue;
    }
    const [other] = kept.splice(clash, 1) as [string[]];
    const wide = covers(pattern, other) ? pattern : covers(other, pattern) ? other : join(pattern, other);
    if (wide !== pattern && wide !== other) exact = false;
    // What is wide may overlap with those that are kept.
    open.push(wide);
  }
  return { patterns: kept.map((tokens) => tokens.join('.')).sort(), exact };
}

/** True when a type can match both. */
function overlap(a: readonly string[], b: readonly string[]): boolean {
  for (let i = 0; ; i++) {
    const [x, y] = [a[i], b[i]];
    if (x === undefined || y === undefined) return x === y;
    if (x === REST || y === REST) return true;
    if (x !== y && x !== ONE && y !== ONE) return false;
  }
}

/** True when every type that matches `narrow` matches `wide`. */
function covers(wide: readonly string[], narrow: readonly string[]): boolean {
  for (let i = 0; ; i++) {
    const [x, y] = [wide[i], narrow[i]];
    if (x === undefined || y === undefined) return x === y;
    if (x === REST) return true;
    if (y === REST || (x !== y && x !== ONE)) return false;
  }
}

/** The narrowest pattern that covers two which overlap. */
function join(a: readonly string[], b: readonly string[]): string[] {
  const joined: string[] = [];
  for (let i = 0; i < a.length && i < b.length; i++) {
    if (a[i] === REST || b[i] === REST) return [...joined, REST];
    joined.push(a[i] === b[i] ? a[i]! : ONE);
  }
  return joined;
}

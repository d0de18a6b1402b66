/** 2.14.0 to 2.14.3 lose messages of atomic batches (nats-server issue 8376), and older ones have no atomic batches. */
export const MINIMUM_SERVER_VERSION = '2.14.4';

const VERSION = /^v?(\d+)\.(\d+)\.(\d+)(-[0-9A-Za-z.-]+)?(?:\+.*)?$/;

/**
 * True when a server of this version can hold the store. A pre-release comes before its release, so `2.14.4-RC.1` is too
 * old and `2.15.0-RC.1` is not. What is no version is taken as too old.
 */
export function isSupportedVersion(version: string, minimum: string = MINIMUM_SERVER_VERSION): boolean {
  const found = parse(version);
  const wanted = parse(minimum);
  if (!found || !wanted) return false;
  for (const i of [0, 1, 2] as const) {
    if (found.numbers[i] !== wanted.numbers[i]) return found.numbers[i] > wanted.numbers[i];
  }
  return !found.preRelease || wanted.preRelease;
}

function parse(version: string): { numbers: readonly [number, number, number]; preRelease: boolean } | undefined {
  const match = VERSION.exec(version.trim());
  if (!match) return undefined;
  return { numbers: [Number(match[1]), Number(match[2]), Number(match[3])], preRelease: match[4] !== undefined };
}

import { hash } from 'node:crypto';
import type { Journal, JournaledAppend } from './journal.ts';
import type { StoredMessage } from './read-log.ts';

/** What the log must not show. Each is a list of descriptions, empty when all is well. */
export interface Verdict {
  /** Acknowledged events that are not stored where the acknowledgement said. */
  readonly lost: string[];
  /** Message ids that are stored twice. */
  readonly doubled: string[];
  /** Aggregates whose versions are not 1, 2, 3 … in stream order, each once. */
  readonly gaps: string[];
  /** Appends of which only a part is stored. */
  readonly torn: string[];
  /** Events that were refused for certain and are stored all the same. */
  readonly ghosts: string[];
  /** Hash chain links that do not fit. */
  readonly brokenChains: string[];
}

/**
 * Compares the log with what the writers were told. Knows nothing of the store's code: subjects, headers and hashes are
 * read as docs/reference/wire-contract.md describes them.
 */
export function judge(log: readonly StoredMessage[], journal: Journal): Verdict {
  const verdict: Verdict = { lost: [], doubled: [], gaps: [], torn: [], ghosts: [], brokenChains: [] };
  const places = new Map<string, string>();
  const versions = new Map<string, number>();
  const links = new Map<string, string>();
  for (const message of log) {
    const [aggregate, version] = placeOf(message.subject);
    const place = `${aggregate}@${version}`;
    const { messageId } = message.body;
    if (places.has(messageId)) verdict.doubled.push(`${messageId} at ${places.get(messageId)} and ${place}`);
    else places.set(messageId, place);
    const expected = (versions.get(aggregate) ?? 0) + 1;
    if (version !== expected || message.body.version !== expected) {
      verdict.gaps.push(`${place} (body says ${message.body.version}) where ${expected} should be`);
    }
    versions.set(aggregate, version);
    const link = nextLink(links.get(aggregate), message);
    if (link !== message.hash) verdict.brokenChains.push(place);
    links.set(aggregate, message.hash);
  }
  for (const [name, append] of journal.appends) judgeAppend(name, append, places, verdict);
  return verdict;
}

/** How many things are wrong. */
export function faultsIn(verdict: Verdict): number {
  return Object.values(verdict).reduce((sum, list: string[]) => sum + list.length, 0);
}

function judgeAppend(
  name: string,
  append: JournaledAppend,
  places: ReadonlyMap<string, string>,
  verdict: Verdict,
): void {
  for (const ack of append.acks ?? []) {
    ack.messageIds.forEach((id, i) => {
      const said = `${ack.aggregate}@${ack.firstVersion + i}`;
      const found = places.get(id);
      if (found !== said) verdict.lost.push(`${name}: ${id} acknowledged at ${said}, found ${found ?? 'nowhere'}`);
    });
  }
  const ids = append.parts.flatMap((part) => part.messageIds);
  const stored = ids.filter((id) => places.has(id)).length;
  if (stored > 0 && stored < ids.length) verdict.torn.push(`${name}: ${stored} of ${ids.length} events`);
  if (append.refused && !append.acks && stored > 0) verdict.ghosts.push(`${name}: refused, but stored`);
}

/** Aggregate and version out of `evt.<tenant>.<type>.<id>.<version>.<eventType…>`. */
function placeOf(subject: string): [aggregate: string, version: number] {
  const [, , , id, version] = subject.split('.');
  return [id!, Number(version)];
}

function nextLink(previous: string | undefined, message: StoredMessage): string {
  const sha = (...parts: Uint8Array[]): Buffer => hash('sha256', Buffer.concat(parts), 'buffer');
  const before = previous === undefined ? Buffer.alloc(32) : Buffer.from(previous, 'base64url');
  const digest = sha(Buffer.from(message.salt, 'base64url'), message.bytes);
  return sha(before, sha(Buffer.from(message.subject)), digest).toString('base64url');
}

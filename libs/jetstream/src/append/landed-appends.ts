import type { AppendResult } from '@annals/core';
import type { LeaderReader } from '../read/leader-reader.ts';
import { storedEvent } from '../read/stored-message.ts';
import { filterOf, versionFilter } from '../subject/subject-map.ts';
import type { StreamBinding } from '../topology/stream-binding.ts';
import { resultOf } from './append-result.ts';
import type { PendingAppend, PendingPart } from './pending-append.ts';

/** Finds appends that had landed before, by reading versions back from the leader and comparing message ids. */
export class LandedAppends {
  constructor(private readonly leader: LeaderReader) {}

  /**
   * @returns the first result when every event of the append is stored where one of its tries, or a repetition of it,
   *   would have put it; undefined when not
   * @throws StoreUnavailable
   */
  async find(binding: StreamBinding, append: PendingAppend): Promise<AppendResult | undefined> {
    const versions: (number | null)[] = [];
    const sequences: number[] = [];
    for (const part of append.parts) {
      const found = await this.findPart(binding, append, part);
      if (!found) return undefined;
      versions.push(...found.versions);
      sequences.push(...found.sequences);
    }
    return resultOf(binding, append, undefined, versions, sequences, true);
  }

  private async findPart(binding: StreamBinding, append: PendingAppend, part: PendingPart) {
    if (part.lane.kind === 'loose') return this.compare(binding, part, undefined);
    for (const base of possibleBases(append, part)) {
      const found = await this.compare(binding, part, base);
      if (found) return found;
    }
    return undefined;
  }

  private async compare(binding: StreamBinding, part: PendingPart, base: number | undefined) {
    const idAt = async (index: number) => {
      const { prefix } = part.lane;
      const filter = base === undefined ? filterOf(prefix) : versionFilter(prefix, base + 1 + index);
      const message = await this.leader.message(binding.name, { last_by_subj: filter });
      if (!message) return undefined;
      const { messageId, type } = storedEvent(message);
      return { messageId, sequence: message.sequence, same: isSame({ messageId, type }, part.events[index]!) };
    };
    // The first one tells almost always; only a likely repetition is worth reading whole.
    const first = await idAt(0);
    if (!first?.same) return undefined;
    const others = await Promise.all(part.events.slice(1).map((_, i) => idAt(i + 1)));
    const stored = [first, ...others];
    if (stored.some((at) => !at?.same)) return undefined;
    return {
      versions: stored.map((_, i) => (base === undefined ? null : base + 1 + i)),
      sequences: stored.map((at) => at!.sequence),
    };
  }
}

/** The id alone tells a repetition; another type under it is another event. */
function isSame(stored: { messageId: string; type: string }, wanted: { messageId: string; type: string }): boolean {
  return stored.messageId === wanted.messageId && stored.type === wanted.type;
}

/** The versions after which the part's events may stand: where a try put them, and where the writer wanted them. */
function possibleBases(append: PendingAppend, part: PendingPart): readonly number[] {
  const bases = new Set(part.uncertainBases);
  if (append.prepared.idsGiven) {
    if (typeof part.expected === 'number') bases.add(part.expected);
    if (part.expected === 'none') bases.add(0);
  }
  return [...bases];
}

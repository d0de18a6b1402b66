import type { OldEvent } from './old-event.ts';

/** Which of some old events may go. */
export interface Judgement {
  /** Superseded by a later old event, or without aggregate. */
  readonly removable: readonly OldEvent[];
  /** The newest of their aggregates among these: they may go if the stream holds the version after them. */
  readonly undecided: readonly OldEvent[];
}

/**
 * Judges old events by what stands among them: an event is no longer the newest of its aggregate when a later one was
 * seen, and never becomes it again, whatever is appended meanwhile.
 *
 * @param events consecutive events of a stream in ascending sequence, all of them old
 */
export function judge(events: readonly OldEvent[]): Judgement {
  const newest = new Map<string, OldEvent>();
  for (const event of events) if (event.aggregate !== undefined) newest.set(event.aggregate, event);
  const undecided = [...newest.values()];
  const kept = new Set(undecided);
  return { removable: events.filter((event) => !kept.has(event)), undecided };
}

/**
 * Groups removable events so that the groups may go in any order, or at once, while within a group the order counts: of
 * an aggregate the oldest goes first, so that whatever happens only its beginning is missing.
 */
export function removalOrder(events: readonly OldEvent[]): readonly (readonly number[])[] {
  const groups = new Map<string, number[]>();
  const ascending = [...events].sort((a, b) => a.sequence - b.sequence);
  for (const { aggregate, sequence } of ascending) {
    const key = aggregate ?? String(sequence);
    const group = groups.get(key);
    if (group) group.push(sequence);
    else groups.set(key, [sequence]);
  }
  return [...groups.values()];
}

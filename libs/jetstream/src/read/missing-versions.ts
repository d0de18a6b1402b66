import { CorruptAggregate, StoreUnavailable, describeAggregate } from '@annals/core';
import type { AggregateSource } from './aggregate-source.ts';
import type { RetentionRecords } from './read-ports.ts';

/** How far to look for the next event that is stored, so that an error can name it. */
const NEARBY = 500;

/**
 * The oldest version that is stored, when retention took those before it; 1 otherwise.
 *
 * Retention takes an aggregate's oldest events first and never its head, so that a search by halves finds the border.
 *
 * @param headVersion at most this is the answer
 * @throws StoreUnavailable, CorruptEvent
 */
export async function firstRetainedVersion(
  source: AggregateSource,
  retention: RetentionRecords,
  headVersion: number,
): Promise<number> {
  if (headVersion === 1 || !(await retention.hasTaken(source.binding.name))) return 1;
  if (await source.versionByLeader(1)) return 1;
  let gone = 1;
  let stored = headVersion;
  while (stored - gone > 1) {
    const middle = Math.floor((gone + stored) / 2);
    if (await source.versionByLeader(middle)) stored = middle;
    else gone = middle;
  }
  return stored;
}

/**
 * Makes sure that nothing is stored before `first`, when a read passes over versions that retention is said to have taken:
 * the search by halves takes a hole for the border where both are there.
 *
 * This asks for the first event by sequence, which looks through the stream (about 0.1 ms a thousand events).
 *
 * @throws CorruptAggregate, CorruptEvent, StoreUnavailable
 */
export async function checkNothingBefore(source: AggregateSource, first: number): Promise<void> {
  const stored = await source.firstByLeader();
  if (stored && stored.version! < first) throw new CorruptAggregate(source.ref, first - 1, first);
}

/**
 * The one place that decides what a version means that should be stored and is not. Whatever may stand in for a missing
 * event belongs here.
 *
 * @param missing a version that the leader does not have either
 * @param headVersion above it
 * @returns never: nothing stands in for an event as yet
 * @throws CorruptAggregate; StoreUnavailable when retention took it during the read, so that reading again helps
 */
export async function explainMissing(
  source: AggregateSource,
  retention: RetentionRecords,
  missing: number,
  headVersion: number,
): Promise<never> {
  const { events } = await source.versions(missing + 1, Math.min(headVersion, missing + NEARBY), 0);
  const found = events[0]?.version ?? headVersion;
  const first = await firstRetainedVersion(source, retention, found);
  if (missing < first) {
    throw new StoreUnavailable(
      `retention took version ${missing} of ${describeAggregate(source.ref)} while it was being read`,
    );
  }
  throw new CorruptAggregate(source.ref, missing, found);
}

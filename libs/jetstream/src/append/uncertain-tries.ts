import type { Lane } from './lane.ts';
import { allParts, type PendingAppend } from './pending-append.ts';

/** The commit's outcome is open: its events may come to stand after these bases. The newest one is the last. */
export function noteUncertain(append: PendingAppend): void {
  for (const part of append.parts) part.uncertainBases.push(part.base);
}

/** The commit's try can land no more. */
export function dropNewestBase(append: PendingAppend): void {
  for (const part of append.parts) part.uncertainBases.pop();
}

/** Tries at versions that are taken can land no more. */
export function forgetOvertakenBases(append: PendingAppend): void {
  for (const { lane, uncertainBases } of append.parts) {
    const open = uncertainBases.filter((base) => base >= (lane.head?.version ?? 0));
    uncertainBases.splice(0, uncertainBases.length, ...open);
  }
}

/** A head that moved contradicts the expectation of every earlier try on it, and a batch lands whole or not at all. */
export function forgetDeadTries(append: PendingAppend, moved: ReadonlySet<Lane>): void {
  if (!allParts(append).some((part) => moved.has(part.lane))) return;
  for (const part of append.parts) part.uncertainBases.length = 0;
}

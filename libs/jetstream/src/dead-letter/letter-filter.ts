import { type DeadLetterSelection, isWithin, matchesPattern } from '@annals/core';
import { type EventSubject, parseEventSubject } from '../subject/subject-map.ts';
import type { Topology } from '../topology/topology.ts';
import type { LetterMessage } from './letter-message.ts';

/**
 * Tells which letters a selection means: by their headers alone, so that bodies need not be read. Ids and the subscription
 * are not looked at: they decide which letters are read at all.
 *
 * @param selection checked, with its times in UTC
 */
export function letterFilter(selection: DeadLetterSelection, topology: Topology): (letter: LetterMessage) => boolean {
  const { kinds, deadLetteredFrom, deadLetteredTo } = selection;
  const aboutEvent = hasEventFields(selection);
  return ({ key, details, posted }) => {
    if (kinds !== undefined && !kinds.includes(details.kind)) return false;
    if (!isWithin(posted.recordedAt, deadLetteredFrom, deadLetteredTo)) return false;
    if (!aboutEvent) return true;
    const binding = topology.bindingOfStream(key.stream);
    const subject = binding && parseEventSubject(binding.prefix, details.subject);
    return subject !== undefined && eventMatches(subject, selection);
  };
}

/** True when reading by subscription and stream gives the selected letters, and only those. */
export function isWhole(selection: DeadLetterSelection): boolean {
  const { ids, kinds, deadLetteredFrom, deadLetteredTo } = selection;
  const others = [ids, kinds, deadLetteredFrom, deadLetteredTo];
  return !hasEventFields(selection) && others.every((field) => field === undefined);
}

function hasEventFields({ tenantId, aggregateType, aggregateId, eventTypes }: DeadLetterSelection): boolean {
  return [tenantId, aggregateType, aggregateId, eventTypes].some((field) => field !== undefined);
}

function eventMatches(subject: EventSubject, selection: DeadLetterSelection): boolean {
  const { tenantId, aggregateType, aggregateId, eventTypes } = selection;
  if (tenantId !== undefined && subject.tenantId !== tenantId) return false;
  if (aggregateType !== undefined && subject.aggregateType !== aggregateType) return false;
  if (aggregateId !== undefined && subject.aggregateId !== aggregateId) return false;
  return eventTypes === undefined || eventTypes.some((pattern) => matchesPattern(pattern, subject.type));
}

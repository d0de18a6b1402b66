import { type DeadLetterSelection, ValidationError, checkDeadLetterSelection, parseDeadLetterId } from '@annals/core';
import type { DeadLetterCriteriaDto, DeadLetterQueryDto, DeadLetterSelectionDto } from './dead-letter.dto.ts';

/** Which dead letters a query means. @throws ValidationError */
export function queriedLetters(query: DeadLetterQueryDto): DeadLetterSelection {
  return checkDeadLetterSelection(criteriaOf(query));
}

/**
 * Which dead letters a body means.
 *
 * @throws ValidationError also where it means all without saying so
 */
export function selectedLetters(body: DeadLetterSelectionDto, tenantId: string | undefined): DeadLetterSelection {
  const { ids, all = false } = body;
  const selection: DeadLetterSelection = { ...criteriaOf({ ...body, tenantId }), ...(ids !== undefined && { ids }) };
  const isNarrowed = Object.keys(selection).some((name) => name !== 'tenantId');
  if (all && isNarrowed) {
    throw new ValidationError([{ path: 'all', message: 'excludes ids and criteria: leave one of them out' }]);
  }
  if (!all && !isNarrowed) {
    const message = 'must select something: give ids or criteria, or "all": true where every dead letter is meant';
    throw new ValidationError([{ path: '', message }]);
  }
  return checkDeadLetterSelection(selection);
}

/** The id that a path names, in one part or in three. @throws ValidationError */
export function letterIdOf(params: unknown): string {
  const { id, subscription, stream, sequence } = params as Readonly<Record<string, string>>;
  const given = id ?? `${subscription}/${stream}/${sequence}`;
  if (given.length <= MAX_ID_CHARACTERS && parseDeadLetterId(given) !== undefined) return given;
  throw new ValidationError([{ path: 'id', message: 'must be <subscription>/<stream>/<sequence>' }]);
}

const MAX_ID_CHARACTERS = 500;

function criteriaOf({
  subscription,
  tenantId,
  aggregateType,
  aggregateId,
  eventType,
  eventTypes,
  kind,
  kinds,
  deadLetteredFrom,
  deadLetteredTo,
}: DeadLetterCriteria): DeadLetterSelection {
  const criteria: DeadLetterSelection = {
    subscription,
    tenantId,
    aggregateType,
    aggregateId,
    eventTypes: union(eventTypes, eventType),
    kinds: union(kinds, kind),
    deadLetteredFrom,
    deadLetteredTo,
  };
  return Object.fromEntries(Object.entries(criteria).filter(([, value]) => value !== undefined));
}

type DeadLetterCriteria = Omit<DeadLetterCriteriaDto, 'tenantId'> &
  Pick<DeadLetterQueryDto, 'eventTypes' | 'kinds'> & { readonly tenantId?: string | undefined };

function union<Item>(list: readonly Item[] | undefined, one: Item | undefined): readonly Item[] | undefined {
  const items = new Set([...(list ?? []), ...(one === undefined ? [] : [one])]);
  return items.size > 0 ? [...items] : undefined;
}

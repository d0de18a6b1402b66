import { type ValidationProblem, ValidationError, isValidationError } from '../error/validation-error.ts';
import type { RecordedEvent } from '../event/event-message.ts';
import { checkFilter } from '../read/check-read.ts';
import { subscriptionNameProblem } from '../subscribe/check-subscription.ts';
import type { SubscriptionFilter } from '../subscribe/subscription-options.ts';

/** How a read model follows from events. `Context` is what its sink gives to write with. */
export interface ProjectionDefinition<Context> extends SubscriptionFilter {
  /** 1–100 characters of `A-Z a-z 0-9 _ - . :`. */
  readonly name: string;
  /**
   * From 1; 1 unless given. Raise it when `handle` or the read model's shape changes: the read model is then built anew
   * beside the one in use, and takes its place once it has caught up.
   */
  readonly version?: number | undefined;
  /**
   * Writes what an event means, through the context. Called for one event after the other, in the order of its stream; what
   * it throws is tried again, and nothing behind it is handled before it succeeds.
   */
  readonly handle: (event: RecordedEvent, context: Context) => unknown;
  /**
   * Writes several events at once in place of `handle`, where that is faster. When it throws, the same events are handed to
   * `handle` one after the other, so that only the one that fails is held up.
   */
  readonly handleBatch?: ((events: readonly RecordedEvent[], context: Context) => unknown) | undefined;
  /** Events that are written in one transaction at most; 500, from 1 to 10,000. */
  readonly batchSize?: number | undefined;
}

/** A {@link ProjectionDefinition} that was checked. */
export interface Projection<Context> extends ProjectionDefinition<Context> {
  readonly version: number;
  readonly batchSize: number;
  readonly filter: SubscriptionFilter;
}

const DEFAULT_BATCH = 500;

/**
 * Declares a projection.
 *
 * @throws ValidationError with every problem
 * @example
 * const names = defineProjection({
 *   name: 'user-names',
 *   eventTypes: ['user.created', 'user.renamed'],
 *   handle: (event, { put }: DocumentContext) => put(event.aggregateId!, { name: event.data.name }),
 * });
 */
export function defineProjection<Context>(definition: ProjectionDefinition<Context>): Projection<Context> {
  const { name, version = 1, batchSize = DEFAULT_BATCH, handle, tenantId, aggregateType, eventTypes } = definition;
  const problems: ValidationProblem[] = [];
  const nameProblem = subscriptionNameProblem(name);
  if (nameProblem !== undefined) problems.push({ path: 'name', message: nameProblem });
  if (!isWhole(version, 1, Number.MAX_SAFE_INTEGER))
    problems.push({ path: 'version', message: 'must be a whole number from 1' });
  if (!isWhole(batchSize, 1, 10_000))
    problems.push({ path: 'batchSize', message: 'must be a whole number from 1 to 10,000' });
  if (typeof handle !== 'function') problems.push({ path: 'handle', message: 'must be a function' });
  if (definition.handleBatch !== undefined && typeof definition.handleBatch !== 'function')
    problems.push({ path: 'handleBatch', message: 'must be a function' });
  const filter = {
    ...(tenantId !== undefined && { tenantId }),
    ...(aggregateType !== undefined && { aggregateType }),
    ...(eventTypes !== undefined && { eventTypes }),
  };
  try {
    checkFilter(filter);
  } catch (error) {
    if (!isValidationError(error)) throw error;
    problems.push(...error.errors);
  }
  if (problems.length > 0) throw new ValidationError(problems);
  return Object.freeze({ ...definition, version, batchSize, filter });
}

function isWhole(value: unknown, from: number, to: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= from && (value as number) <= to;
}

import { describe, expect, it } from '@jest/globals';
import * as core from '../index.ts';
import { AnnalsError, ERROR_CODES, type ErrorCode, type RecordedEvent, isAnnalsError } from '../index.ts';

const order = { type: 'order', id: '1' };
const position = { stream: 'EVENTS', sequence: 7 };
const event = { type: 'order.placed', version: 3, position } as RecordedEvent;

/** Codes whose classes are in other packages, because the core has no use for them. */
const ELSEWHERE = ['feature-disabled'] as const;
type CoreCode = Exclude<ErrorCode, (typeof ELSEWHERE)[number]>;

/** One error of every class, and a text that its message must have. */
const ERRORS: Record<CoreCode, { make: () => AnnalsError; says: string; retryable?: true }> = {
  'validation-failed': {
    make: () => new core.ValidationError([{ path: 'events.0.type', message: 'must not be empty' }]),
    says: 'events.0.type must not be empty',
  },
  'concurrency-conflict': {
    make: () => new core.ConcurrencyError(order, 2, 3),
    says: 'default/order/1 is at version 3, expected was 2',
  },
  'append-outcome-unknown': {
    make: () => new core.AppendOutcomeUnknown(['a']),
    says: 'same message ids',
    retryable: true,
  },
  overloaded: { make: () => new core.Overloaded(10, 2_000), says: '10 events (2000 bytes)', retryable: true },
  'idempotency-key-reused': { make: () => new core.IdempotencyKeyReused('key"1'), says: '"key\\"1"' },
  'payload-too-large': { make: () => new core.PayloadTooLarge(100, 200, 4), says: 'Event 4 takes 200 bytes' },
  'batch-too-large': { make: () => new core.BatchTooLarge(1_000, 1_001), says: '1001 events' },
  'cross-stream-append': { make: () => new core.CrossStreamAppend(['A', 'B']), says: 'A, B' },
  'aggregate-not-found': { make: () => new core.AggregateNotFound(order), says: 'order/1 in tenant default' },
  'result-too-large': { make: () => new core.ResultTooLarge(10, 'readAll'), says: 'iterate with readAll' },
  'store-unavailable': { make: () => new core.StoreUnavailable('no answer'), says: 'no answer', retryable: true },
  'store-closed': { make: () => new core.StoreClosed(), says: 'open a new one' },
  'corrupt-aggregate': { make: () => new core.CorruptAggregate(order, 2, 4), says: 'lacks version 2' },
  'corrupt-event': { make: () => new core.CorruptEvent(position, 'evt.x', 'no JSON'), says: 'EVENTS:7 (evt.x)' },
  'reducer-failed': { make: () => new core.ReducerFailed(order, event, 'it threw'), says: 'version 3, EVENTS:7' },
  'server-too-old': { make: () => new core.ServerTooOld('2.13.0', '2.14.4'), says: 'nats-server 2.13.0 is too old' },
  'provisioning-refused': {
    make: () =>
      new core.ProvisioningRefused([
        { stream: 'EVENTS', setting: 'max_age', found: 5, wanted: 0, wayOut: 'Set it to 0.' },
      ]),
    says: 'EVENTS: max_age is 5, wanted is 0: Set it to 0.',
  },
  'misplaced-aggregate-type': {
    make: () => new core.MisplacedAggregateType([{ aggregateType: 'order', foundIn: 'EVENTS', wantedIn: 'ORDERS' }]),
    says: '"order" has events in stream EVENTS, the topology puts it into ORDERS',
  },
  'history-incomplete': { make: () => new core.HistoryIncomplete(order, 5), says: 'from version 5 only' },
  'subscription-not-found': { make: () => new core.SubscriptionNotFound('mail'), says: 'no subscription mail' },
  'subscription-conflict': {
    make: () => new core.SubscriptionConflict('mail', 'was deleted'),
    says: 'mail was deleted',
  },
  'handler-timed-out': { make: () => new core.HandlerTimedOut('mail', 50), says: 'longer than 50 ms', retryable: true },
  'dead-letter-not-found': { make: () => new core.DeadLetterNotFound('mail/EVENTS/7'), says: 'mail/EVENTS/7' },
  'replay-not-found': { make: () => new core.ReplayNotFound('r1'), says: 'no replay r1' },
  'replay-finished': { make: () => new core.ReplayFinished('r1', 'completed'), says: 'r1 is completed' },
  'upcast-failed': { make: () => new core.UpcastFailed(event, 1, 'it threw'), says: 'from schema version 1: it threw' },
  'decider-failed': {
    make: () => new core.DeciderFailed(order, 'it returned a promise'),
    says: 'order/1: it returned',
  },
  'projection-not-found': { make: () => new core.ProjectionNotFound('names'), says: 'no projection names' },
  'projection-behind': {
    make: () => new core.ProjectionBehind('names', [position], 50),
    says: 'names stands at EVENTS:7 after 50 ms',
    retryable: true,
  },
  'process-not-found': { make: () => new core.ProcessNotFound('trial'), says: 'no process trial' },
  'process-instance-not-found': {
    make: () => new core.ProcessInstanceNotFound('trial', 'a', 'acme'),
    says: 'no instance "a" in tenant acme',
  },
  'process-instance-ended': { make: () => new core.ProcessInstanceEnded('trial', 'a', 'failed'), says: 'it is failed' },
  'replay-target-refused': { make: () => new core.ReplayTargetRefused('no'), says: 'refused: no' },
};

describe('the errors of the library', () => {
  const classes = Object.values(core).filter(
    (value): value is typeof core.StoreClosed => typeof value === 'function' && value.prototype instanceof AnnalsError,
  );

  it('have a class for every code, and a code for every class', () => {
    const codes = ERROR_CODES.filter((code): code is CoreCode => !ELSEWHERE.some((other) => other === code));
    const made = codes.map((code) => ERRORS[code].make());
    expect(made.map(({ code }) => code)).toEqual(codes);
    expect(new Set(made.map(({ constructor }) => constructor))).toEqual(new Set(classes));
    expect(new Set(ERROR_CODES).size).toBe(ERROR_CODES.length);
  });

  it.each(Object.entries(ERRORS))(
    'say by %s what happened, by name, code and message',
    (code, { make, says, retryable }) => {
      const error = make();
      expect(error).toBeInstanceOf(Error);
      expect(error.name).toBe(error.constructor.name);
      expect(error.code).toBe(code);
      expect(error.retryable).toBe(retryable ?? false);
      expect(error.message).toContain(says);
      expect(isAnnalsError(error)).toBe(true);
    },
  );

  it('are known by their code, also of another copy of the package', () => {
    const foreign = Object.assign(new Error('x'), { code: 'concurrency-conflict' });
    expect(isAnnalsError(foreign)).toBe(true);
    expect(core.isConcurrencyError(foreign)).toBe(true);
    expect(core.isValidationError(foreign)).toBe(false);
    expect(core.isStoreUnavailable(Object.assign(new Error('x'), { code: 'store-unavailable' }))).toBe(true);
    expect(core.isAppendOutcomeUnknown(Object.assign(new Error('x'), { code: 'append-outcome-unknown' }))).toBe(true);
  });

  it.each([
    [new Error('x')],
    [Object.assign(new Error('x'), { code: 'ECONNREFUSED' })],
    [Object.assign(new Error('x'), { code: 5 })],
    [{ code: 'store-closed' }],
    ['store-closed'],
    [null],
    [undefined],
  ])('are not taken for others', (value) => {
    expect(isAnnalsError(value)).toBe(false);
    expect(core.isConcurrencyError(value)).toBe(false);
  });

  it('keep their cause', () => {
    const cause = new Error('socket');
    expect(new core.StoreUnavailable('gone', { cause }).cause).toBe(cause);
    expect(new core.AppendOutcomeUnknown(['a'], { cause }).cause).toBe(cause);
  });
});

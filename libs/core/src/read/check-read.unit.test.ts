import { describe, expect, it } from '@jest/globals';
import {
  MAX_FILTER_TYPES,
  type ValidationError,
  checkAggregate,
  checkFilter,
  checkReadAggregate,
  checkReadAll,
  checkTimestamp,
} from '../index.ts';

function problemsOf(check: () => unknown): string[] {
  try {
    check();
    return [];
  } catch (error) {
    expect(error).toMatchObject({ name: 'ValidationError', code: 'validation-failed' });
    return (error as ValidationError).errors.map(({ path }) => path);
  }
}
const any = (value: unknown) => value as never;

describe('checkAggregate', () => {
  it('fills in the tenant', () => {
    expect(checkAggregate({ type: 'order', id: '1' })).toEqual({ tenantId: 'default', type: 'order', id: '1' });
    expect(checkAggregate({ type: 'order', id: '1', tenantId: 'acme' }).tenantId).toBe('acme');
  });

  it('lists every problem', () => {
    const bad = { type: '', id: any(5), tenantId: 'x'.repeat(201) };
    expect(problemsOf(() => checkAggregate(bad))).toEqual(['tenantId', 'aggregateType', 'aggregateId']);
  });

  it.each([undefined, null, 'order-1', 5])('refuses %p', (ref) => {
    expect(problemsOf(() => checkAggregate(any(ref)))).toEqual(['aggregate']);
  });
});

describe('checkReadAggregate', () => {
  it.each([{}, { fromVersion: 1, toVersion: 1, limit: 1 }, { direction: 'forwards' }, { direction: 'backwards' }])(
    'takes %j',
    (options) => expect(problemsOf(() => checkReadAggregate(any(options)))).toEqual([]),
  );

  it.each([0, -1, 1.5, NaN, Infinity, 2 ** 53, '1', null])('refuses %p as a version and as a limit', (value) => {
    expect(problemsOf(() => checkReadAggregate(any({ fromVersion: value })))).toEqual(['fromVersion']);
    expect(problemsOf(() => checkReadAggregate(any({ toVersion: value })))).toEqual(['toVersion']);
    expect(problemsOf(() => checkReadAggregate(any({ limit: value })))).toEqual(['limit']);
  });

  it('lists every problem', () => {
    const bad = { fromVersion: 3, toVersion: 2, limit: 0, direction: any('up') };
    expect(problemsOf(() => checkReadAggregate(bad))).toEqual(['fromVersion', 'limit', 'direction']);
  });
});

describe('checkFilter', () => {
  it('brings times to UTC and leaves the rest', () => {
    expect(
      checkFilter({
        tenantId: 'acme',
        eventTypes: ['user.*'],
        fromTimestamp: '2024-01-01T01:00:00+01:00',
        recordedTo: '2024-01-01T00:00:00.5-00:30',
      }),
    ).toEqual({
      tenantId: 'acme',
      eventTypes: ['user.*'],
      fromTimestamp: '2024-01-01T00:00:00Z',
      recordedTo: '2024-01-01T00:30:00.5Z',
    });
  });

  it('does not change what it was given', () => {
    const filter = Object.freeze({ fromTimestamp: '2024-01-01T01:00:00+01:00' });
    expect(checkFilter(filter)).not.toBe(filter);
  });

  it.each<[unknown, string[]]>([
    [{ tenantId: '', aggregateType: 5, aggregateId: '\ud800' }, ['tenantId', 'aggregateType', 'aggregateId']],
    [{ eventTypes: [] }, ['eventTypes']],
    [{ eventTypes: 'user.created' }, ['eventTypes']],
    [{ eventTypes: { length: 1 } }, ['eventTypes']],
    [{ eventTypes: ['a', '', 'b c', 5] }, ['eventTypes.1', 'eventTypes.2', 'eventTypes.3']],
    [{ eventTypes: Array(MAX_FILTER_TYPES + 1).fill('a') }, ['eventTypes']],
    [{ fromTimestamp: 'x', recordedFrom: 5 }, ['fromTimestamp', 'recordedFrom']],
    [{ fromTimestamp: '2024-01-02T00:00:00Z', toTimestamp: '2024-01-01T00:00:00Z' }, ['fromTimestamp']],
    [{ recordedFrom: '2024-01-01T00:00:00.1Z', recordedTo: '2024-01-01T00:00:00.09Z' }, ['recordedFrom']],
    [{ fromVersion: 2, toVersion: 1 }, ['fromVersion']],
  ])('lists what is wrong with %j', (filter, paths) => {
    expect(problemsOf(() => checkFilter(any(filter)))).toEqual(paths);
  });

  it('takes a range of one point, written differently', () => {
    const range = { fromTimestamp: '2024-01-01T00:00:00.0Z', toTimestamp: '2024-01-01T01:00:00+01:00' };
    expect(problemsOf(() => checkFilter(range))).toEqual([]);
  });

  it('takes as many event types as the limit says', () => {
    expect(problemsOf(() => checkFilter({ eventTypes: Array<string>(MAX_FILTER_TYPES).fill('a') }))).toEqual([]);
  });
});

describe('checkReadAll', () => {
  it('hands on all options, with times in UTC', () => {
    const { signal } = new AbortController();
    const after = [
      { stream: 'EVENTS', sequence: 0 },
      { stream: 'ORDERS', sequence: 5 },
    ];
    const options = { after, limit: 3, direction: 'backwards' as const, signal, toTimestamp: '2024-01-01T01:00+01:00' };
    expect(checkReadAll(options)).toEqual({ ...options, toTimestamp: '2024-01-01T00:00:00Z' });
  });

  it.each<[unknown, string[]]>([
    [{ stream: 'EVENTS', sequence: 1 }, ['after']],
    [[null], ['after.0.stream', 'after.0.sequence']],
    [[{ stream: 'A', sequence: 1 }, { sequence: 1 }], ['after.1.stream']],
    [[{ stream: 'A', sequence: -1 }], ['after.0.sequence']],
    [[{ stream: 'A', sequence: 2 ** 53 }], ['after.0.sequence']],
    [[{ stream: 'A', sequence: '1' }], ['after.0.sequence']],
    [
      [
        { stream: 'A', sequence: 1 },
        { stream: 'A', sequence: 2 },
      ],
      ['after.1.stream'],
    ],
  ])('refuses the positions %j', (after, paths) => {
    expect(problemsOf(() => checkReadAll(any({ after })))).toEqual(paths);
  });
});

describe('checkTimestamp', () => {
  it('brings a time to UTC', () => expect(checkTimestamp('2024-01-01T01:00+01:00', 'at')).toBe('2024-01-01T00:00:00Z'));

  it('refuses what is none, by the path that it was given', () => {
    expect(problemsOf(() => checkTimestamp('2024-01-01', 'asOf'))).toEqual(['asOf']);
  });
});

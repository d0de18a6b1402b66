import { describe, expect, it } from '@jest/globals';
import type { ValidationProblem } from '../error/validation-error.ts';
import {
  DEAD_LETTER_KINDS,
  MAX_SELECTED_IDS,
  checkDeadLetterId,
  checkDeadLetterLimit,
  checkDeadLetterSelection,
  checkRedrive,
} from './check-selection.ts';
import type { DeadLetterSelection } from './dead-letter.ts';

describe('checkDeadLetterSelection', () => {
  it('takes every field that it knows, and brings times to UTC', () => {
    const selection: DeadLetterSelection = {
      ids: ['mail/EVENTS/1', 'mail/EVENTS/2'],
      subscription: 'mail',
      tenantId: 'acme',
      aggregateType: 'order',
      aggregateId: '7',
      eventTypes: ['order.*', 'user.>'],
      kinds: [...DEAD_LETTER_KINDS],
    };
    const times = { deadLetteredFrom: '2024-01-01T01:00:00+01:00', deadLetteredTo: '2024-01-02T00:00:00Z' };
    expect(checkDeadLetterSelection({ ...selection, ...times })).toEqual({
      ...selection,
      deadLetteredFrom: '2024-01-01T00:00:00Z',
      deadLetteredTo: '2024-01-02T00:00:00Z',
    });
    expect(checkDeadLetterSelection({})).toEqual({});
    expect(checkDeadLetterSelection({ ids: undefined, tenantId: undefined, kinds: undefined })).toEqual({});
    expect(checkDeadLetterSelection({ ids: Array<string>(MAX_SELECTED_IDS).fill('a/E/1') }).ids).toHaveLength(1_000);
  });

  it.each<[selection: Record<string, unknown>, paths: string[]]>([
    [{ ids: 'mail/EVENTS/1' }, ['ids']],
    [{ ids: [] }, ['ids']],
    [{ ids: Array(1_001).fill('a/E/1') }, ['ids']],
    [{ ids: ['a/E/1', 7, null, 'a/>/1'] }, ['ids.1', 'ids.2', 'ids.3']],
    [{ subscription: '' }, ['subscription']],
    [{ subscription: '*' }, ['subscription']],
    [{ kinds: 'parked' }, ['kinds']],
    [{ kinds: ['parked', 'lost'] }, ['kinds']],
    [{ tenantId: '', aggregateType: 7, aggregateId: '\ud800' }, ['tenantId', 'aggregateType', 'aggregateId']],
    [{ eventTypes: ['a..b'] }, ['eventTypes.0']],
    [{ deadLetteredFrom: 'noon' }, ['deadLetteredFrom']],
    [{ deadLetteredFrom: '2024-01-02T00:00:00Z', deadLetteredTo: '2024-01-01T00:00:00Z' }, ['deadLetteredFrom']],
    [{ subscripton: 'mail' }, ['subscripton']],
    [{ fromTimestamp: '2024-01-01T00:00:00Z' }, ['fromTimestamp']],
    [{ ids: [], subscription: '', kinds: 7, tenantId: '' }, ['ids', 'subscription', 'kinds', 'tenantId']],
  ])('refuses %p with all that is wrong', (selection, paths) => {
    expect(
      problemsOf(() => checkDeadLetterSelection(selection as DeadLetterSelection)).map(({ path }) => path),
    ).toEqual(paths);
  });

  it('speaks of the fields that were given', () => {
    const selection = { deadLetteredFrom: '2024-01-02T00:00:00Z', deadLetteredTo: '2024-01-01T00:00:00Z' };
    const [problem] = problemsOf(() => checkDeadLetterSelection(selection));
    expect(problem!.message).toContain('deadLetteredTo');
  });
});

describe('checkDeadLetterId', () => {
  it('gives the parts of an id', () => {
    expect(checkDeadLetterId('mail/EVENTS/7')).toEqual({ subscription: 'mail', stream: 'EVENTS', sequence: 7 });
  });

  it.each(['', 'mail', 'mail/>/1', 7, undefined, null])('refuses %p', (id) => {
    expect(problemsOf(() => checkDeadLetterId(id as string))).toMatchObject([{ path: 'id' }]);
  });
});

describe('checkDeadLetterLimit', () => {
  it('is 100 unless given, and 1,000 at most', () => {
    expect([undefined, 1, 1_000].map((limit) => checkDeadLetterLimit(limit))).toEqual([100, 1, 1_000]);
  });

  it.each([0, -1, 1.5, 1_001, Number.NaN, Infinity, '10', null])('refuses %p', (limit) => {
    expect(problemsOf(() => checkDeadLetterLimit(limit as number))).toMatchObject([{ path: 'limit' }]);
  });
});

describe('checkRedrive', () => {
  it('takes a rate, or none', () => {
    for (const ratePerSecond of [undefined, 0.01, 1, 1_000_000]) {
      expect(() => checkRedrive({ ratePerSecond })).not.toThrow();
    }
  });

  it.each([0, -1, 1_000_001, Number.NaN, Infinity, '5', null])('refuses the rate %p', (ratePerSecond) => {
    const check = () => checkRedrive({ ratePerSecond: ratePerSecond as number });
    expect(problemsOf(check)).toMatchObject([{ path: 'ratePerSecond' }]);
  });
});

function problemsOf(check: () => unknown): readonly ValidationProblem[] {
  try {
    check();
  } catch (error) {
    expect(error).toMatchObject({ code: 'validation-failed' });
    return (error as { errors: readonly ValidationProblem[] }).errors;
  }
  throw new Error('it was not refused');
}

import { describe, expect, it } from '@jest/globals';
import type { ValidationProblem } from '../error/validation-error.ts';
import { checkStart, checkStartStreams, startOf } from './check-start.ts';
import type { StartFrom } from './follow-options.ts';

const position = { stream: 'EVENTS', sequence: 7 };

describe('checkStart', () => {
  it.each<[start: StartFrom, checked: unknown]>([
    ['beginning', 'beginning'],
    ['now', 'now'],
    [{ after: position }, { after: [position] }],
    [{ after: [] }, { after: [] }],
    [
      { after: [position, { stream: 'ORDERS', sequence: 0 }] },
      { after: [position, { stream: 'ORDERS', sequence: 0 }] },
    ],
    [{ recordedFrom: '2024-01-01T01:00:00.123456789+01:00' }, { recordedFrom: '2024-01-01T00:00:00.123456789Z' }],
  ])('takes %p', (start, checked) => {
    expect(checkStart(start)).toEqual(checked);
  });

  it('keeps no more of a position than it knows', () => {
    const after = { ...position, hostile: true };
    expect(checkStart({ after })).toEqual({ after: [position] });
  });

  it.each<[start: unknown, paths: string[]]>([
    [undefined, ['from']],
    [null, ['from']],
    ['', ['from']],
    ['NOW', ['from']],
    [7, ['from']],
    [[], ['from']],
    [{}, ['from']],
    [{ before: position }, ['from']],
    [{ after: [position], recordedFrom: '2024-01-01T00:00:00Z' }, ['from']],
    [{ after: undefined }, ['from.after.stream', 'from.after.sequence']],
    [{ after: null }, ['from.after.stream', 'from.after.sequence']],
    [{ after: 'EVENTS' }, ['from.after.stream', 'from.after.sequence']],
    [{ after: { stream: '', sequence: 1 } }, ['from.after.stream']],
    [{ after: { stream: 7, sequence: 1 } }, ['from.after.stream']],
    [{ after: { stream: 'EVENTS', sequence: -1 } }, ['from.after.sequence']],
    [{ after: { stream: 'EVENTS', sequence: 1.5 } }, ['from.after.sequence']],
    [{ after: { stream: 'EVENTS', sequence: 2 ** 53 } }, ['from.after.sequence']],
    [{ after: { stream: 'EVENTS', sequence: '7' } }, ['from.after.sequence']],
    [{ after: [position, null, position] }, ['from.after.1.stream', 'from.after.1.sequence', 'from.after.2.stream']],
    [{ recordedFrom: undefined }, ['from.recordedFrom']],
    [{ recordedFrom: 1_700_000_000_000 }, ['from.recordedFrom']],
    [{ recordedFrom: '2024-01-01' }, ['from.recordedFrom']],
    [{ recordedFrom: '2024-02-30T00:00:00Z' }, ['from.recordedFrom']],
  ])('refuses %p', (start, paths) => {
    expect(problemsOf(start)).toEqual(paths);
  });

  it('names problems by the path that it was given', () => {
    expect(() => checkStart('x' as StartFrom, 'to')).toThrow(/^[^]*\bto must be/);
  });
});

describe('checkStartStreams', () => {
  it('takes every start that names no stream but those of the store', () => {
    const starts = ['beginning', 'now', { recordedFrom: '2024-01-01T00:00:00Z' }, { after: [] }, { after: [position] }];
    for (const start of starts)
      expect(() => checkStartStreams(checkStart(start as StartFrom), ['EVENTS'])).not.toThrow();
  });

  it('refuses others, and says which there are', () => {
    const start = checkStart({ after: [position, { stream: 'ORDER', sequence: 1 }] });
    const check = () => checkStartStreams(start, ['EVENTS', 'ORDERS'], 'to');
    expect(check).toThrow('to.after names a stream that the store has not; it has EVENTS, ORDERS, not ORDER');
  });
});

describe('startOf', () => {
  it('adds to the problems that were found before', () => {
    const problems: ValidationProblem[] = [{ path: 'name', message: 'must be a name' }];
    expect(startOf({ after: position }, 'from', problems)).toEqual({ after: [position] });
    expect(startOf('x', 'from', problems)).toBeUndefined();
    expect(problems.map(({ path }) => path)).toEqual(['name', 'from']);
  });
});

function problemsOf(start: unknown): string[] {
  try {
    checkStart(start as StartFrom);
  } catch (error) {
    return (error as { errors: readonly ValidationProblem[] }).errors.map(({ path }) => path);
  }
  throw new Error('it was not refused');
}

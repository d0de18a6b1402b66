import { describe, expect, it } from '@jest/globals';
import { readCommand, UsageError } from './read-command.ts';

const NAMES = ['append-64', 'fold'];
const read = (...args: string[]) => readCommand(args, NAMES);

describe('the command line of the benchmark', () => {
  it('runs everything in full unless told otherwise', () => {
    expect(read()).toEqual({
      kind: 'run',
      quick: false,
      only: [],
      modes: ['r1', 'r1-always', 'r3', 'r3-always'],
      rounds: undefined,
      seconds: undefined,
      postgresPool: 32,
      json: undefined,
      dataDir: undefined,
    });
  });

  it('takes workloads, modes and sizes', () => {
    const command = read(
      '--quick',
      '--only',
      'fold',
      'append-64',
      '--modes',
      'r3,r1',
      '--rounds',
      '5',
      '--seconds',
      '0.5',
    );
    expect(command).toMatchObject({
      quick: true,
      only: ['fold', 'append-64'],
      modes: ['r3', 'r1'],
      rounds: 5,
      seconds: 0.5,
    });
  });

  it('writes a report from the files that are named', () => {
    expect(read('--report', 'a.json', '--out', 'b.md')).toEqual({ kind: 'report', from: ['a.json'], to: 'b.md' });
  });

  it.each([
    [['--only', 'nothing'], 'There is no workload nothing: append-64, fold.'],
    [['--modes', 'r2'], 'There is no mode r2'],
    [['--rounds', '0'], '--rounds must be a whole number from 1 to 100, not 0.'],
    [['--rounds', '1.5'], '--rounds must be a whole number'],
    [['--seconds', ''], '--seconds must be a number'],
    [['--fast'], "Unknown option '--fast'"],
  ])('refuses %j', (args, message) => {
    expect(() => read(...args)).toThrow(UsageError);
    expect(() => read(...args)).toThrow(message);
  });
});

import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { readDemoOptions } from './demo-options.mjs';

/** @param {readonly string[]} args */
const read = (...args) => readDemoOptions(['node', 'demo.mjs', ...args], true);

describe('the options of the demo', () => {
  /** @type {string} */
  let errors;
  beforeEach(() => {
    errors = '';
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => Boolean((errors += text)));
    jest.spyOn(process, 'exit').mockImplementation((code) => {
      throw new Error(`exit ${code}`);
    });
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  test('are traffic of forty users by default', () => {
    expect(read()).toMatchObject({ mode: 'traffic', users: 40, exit: false });
    expect(read('--users', '5', '--exit')).toMatchObject({ mode: 'traffic', users: 5, exit: true });
  });

  test('stop at the end where nobody can press Ctrl-C', () => {
    expect(readDemoOptions(['node', 'demo.mjs'], false)).toMatchObject({ exit: true });
    expect(readDemoOptions(['node', 'demo.mjs', '--no-exit'], false)).toMatchObject({ exit: false });
  });

  test('name real data or a number of events', () => {
    expect(read('--data', 'flights', '--limit', '10')).toMatchObject({ mode: 'data', data: 'flights', limit: 10 });
    expect(read('--events', '1_000_000', '--seed', 'x')).toMatchObject({ mode: 'generate', events: 1e6, seed: 'x' });
  });

  test.each([
    [['--data', 'trains'], /flights, github/],
    [['--events', '0'], /from 1 to 10000000/],
    [['--events', '1.5'], /whole number/],
    [['--events', '10000001'], /from 1 to/],
    [['--users', '-1'], /whole number/],
    [['--seed', 'a b', '--events', '1'], /1 to 32/],
    [['--seed', 'x'], /--seed goes with --events/],
    [['--limit', '3'], /--limit goes with --data/],
    [['--data', 'flights', '--events', '1'], /cannot be used with/],
    [['--unknown'], /unknown option/],
    [['something'], /too many arguments/],
  ])('refuse %j', (args, message) => {
    expect(() => read(...args)).toThrow('exit 1');
    expect(errors).toMatch(message);
  });
});

import { describe, expect, test } from '@jest/globals';
import { Writable } from 'node:stream';
import { count, duration, Progress } from './progress.mjs';

/** A stream that keeps what is written to it, and is a terminal or not. */
class Sink extends Writable {
  text = '';
  /** @param {boolean} isTTY */
  constructor(isTTY) {
    super();
    this.isTTY = isTTY;
  }
  /** @type {Writable['_write']} */
  _write(chunk, _encoding, done) {
    this.text += chunk;
    done();
  }
}

/** @param {Sink} sink */
const asTerminal = (sink) => /** @type {NodeJS.WriteStream} */ (/** @type {unknown} */ (sink));

describe('progress without a terminal', () => {
  test('is a line every five seconds with the rate of the last ten and the time left', () => {
    const sink = new Sink(false);
    let now = 0;
    const progress = new Progress({ what: 'events', total: 100_000, stream: asTerminal(sink), now: () => now });
    for (let second = 1; second <= 30; second += 1) {
      now = second * 1_000;
      // Fast at first, then 1,000 a second.
      progress.update(second <= 10 ? second * 5_000 : 50_000 + (second - 10) * 1_000);
    }
    const lines = sink.text.trimEnd().split('\n');
    expect(lines).toHaveLength(6);
    expect(lines[1]).toBe('  50 % · 50,000 of 100,000 events · 5,000/s, 10 s left');
    expect(lines[5]).toBe('  70 % · 70,000 of 100,000 events · 1,000/s, 30 s left');
    expect(progress.finish()).toBe('70,000 events in 30 s, 2,333/s');
  });

  test('says nothing of a rate before it knows one', () => {
    const sink = new Sink(false);
    const progress = new Progress({ what: 'users', total: 2, stream: asTerminal(sink), now: () => 0 });
    progress.update(1);
    expect(sink.text).toBe('');
    expect(progress.finish()).toBe('1 users in 0.0 s, 0/s');
  });
});

describe('progress on a terminal', () => {
  test('is a bar', () => {
    const sink = new Sink(true);
    Object.assign(sink, { cursorTo() {}, clearLine() {}, moveCursor() {}, columns: 120 });
    const progress = new Progress({ what: 'events', total: 10, stream: asTerminal(sink) });
    progress.update(10);
    progress.finish();
    expect(sink.text).toMatch(/█{30}.*100 % · 10 of 10 events/);
  });
});

test.each([
  [0.04, '0.0 s'],
  [4.21, '4.2 s'],
  [59.4, '59 s'],
  [75, '1 min 15 s'],
  [3_599.7, '1 h 0 min'],
  [7_260, '2 h 1 min'],
])('%d seconds are %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

test('counts have commas', () => {
  expect(count(1_234_567.8)).toBe('1,234,568');
});

import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { deadLetterId, parseDeadLetterId } from './dead-letter.ts';

describe('the id of a dead letter', () => {
  it('names the subscription, the stream and the sequence', () => {
    expect(deadLetterId({ subscription: 'mail', stream: 'EVENTS', sequence: 7 })).toBe('mail/EVENTS/7');
  });

  it('gives its parts back', () => {
    const keys = fc.record({
      subscription: fc.stringMatching(/^[A-Za-z0-9_.:-]{1,100}$/).filter((name) => name !== '.' && name !== '..'),
      stream: fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/),
      sequence: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    });
    fc.assert(fc.property(keys, (key) => expect(parseDeadLetterId(deadLetterId(key))).toEqual(key)));
  });

  it.each([
    '',
    'mail',
    'mail/EVENTS',
    'mail/EVENTS/',
    'mail/EVENTS/0',
    'mail/EVENTS/01',
    'mail/EVENTS/-1',
    'mail/EVENTS/1.5',
    'mail/EVENTS/1e3',
    'mail/EVENTS/9007199254740992',
    'mail/EVENTS/1/2',
    'mail//1',
    '/EVENTS/1',
    ' mail/EVENTS/1',
    'mail/EVENTS/1\n',
    '*/EVENTS/1',
    '>/EVENTS/1',
    'mail/*/1',
    'mail/EV.ENTS/1',
    'mail/>/1',
    'mail/EV ENTS/1',
    'mail\\x/EVENTS/1',
    `${'a'.repeat(101)}/EVENTS/1`,
  ])('is not %p', (id) => {
    expect(parseDeadLetterId(id)).toBeUndefined();
  });
});

import { hash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { Journal } from './journal.ts';
import { type Verdict, faultsIn, judge } from './oracle.ts';
import type { StoredMessage } from './read-log.ts';

const CLEAN: Verdict = { lost: [], doubled: [], gaps: [], torn: [], ghosts: [], brokenChains: [] };

/** A log as the store would write it: real bytes, real hashes, one chain for each aggregate. */
class Log {
  readonly messages: StoredMessage[] = [];
  private readonly links = new Map<string, Buffer>();

  add(aggregate: string, version: number, messageId: string): this {
    const subject = `evt.-.thing.${aggregate}.${version}.thing.happened`;
    const body = { messageId, version };
    const bytes = Buffer.from(JSON.stringify(body));
    const salt = sha256(Buffer.from(messageId));
    const before = this.links.get(aggregate) ?? Buffer.alloc(32);
    const link = sha256(before, sha256(Buffer.from(subject)), sha256(salt, bytes));
    this.links.set(aggregate, link);
    const message = { subject, bytes, body, hash: link.toString('base64url'), salt: salt.toString('base64url') };
    this.messages.push(message);
    return this;
  }
}

function sha256(...parts: Uint8Array[]): Buffer {
  return hash('sha256', Buffer.concat(parts), 'buffer');
}

function intent(journal: Journal, append: string, aggregate: string, messageIds: readonly string[]): void {
  journal.record({ kind: 'intent', append, parts: [{ aggregate, expectedVersion: 'any', messageIds }] });
}

/** Two acknowledged appends, a refused one and one whose writer died before it was told. */
function journaled(): Journal {
  const journal = new Journal();
  intent(journal, 'first', 'a', ['a1', 'a2']);
  journal.record({
    kind: 'acked',
    append: 'first',
    parts: [{ aggregate: 'a', messageIds: ['a1', 'a2'], firstVersion: 1 }],
  });
  intent(journal, 'second', 'b', ['b1']);
  journal.record({ kind: 'acked', append: 'second', parts: [{ aggregate: 'b', messageIds: ['b1'], firstVersion: 1 }] });
  intent(journal, 'refused', 'a', ['r1']);
  journal.record({ kind: 'refused', append: 'refused', code: 'concurrency-conflict' });
  intent(journal, 'untold', 'c', ['c1', 'c2']);
  return journal;
}

/** What {@link journaled} tells, up to where the log of a test goes its own way. */
function acknowledged(): Log {
  return new Log().add('a', 1, 'a1').add('b', 1, 'b1').add('a', 2, 'a2');
}

function expectOnly(log: readonly StoredMessage[], found: Partial<Verdict>): void {
  const verdict = judge(log, journaled());
  expect(verdict).toEqual({ ...CLEAN, ...found });
  expect(faultsIn(verdict)).toBe(Object.values(found).flat().length);
}

describe('judge', () => {
  it('finds no fault in a log that holds what was acknowledged', () => {
    expectOnly(acknowledged().messages, {});
  });

  it('lets an append that nobody was told of be there whole', () => {
    expectOnly(acknowledged().add('c', 1, 'c1').add('c', 2, 'c2').messages, {});
  });

  it('holds a repeated append to the acknowledgement of its first attempt', () => {
    const journal = journaled();
    intent(journal, 'second', 'b', ['b1']);
    journal.record({ kind: 'refused', append: 'second', code: 'concurrency-conflict' });
    expect(judge(acknowledged().messages, journal)).toEqual(CLEAN);
  });

  it('calls an acknowledged event lost that is nowhere', () => {
    expectOnly(new Log().add('a', 1, 'a1').add('a', 2, 'a2').messages, {
      lost: ['second: b1 acknowledged at b@1, found nowhere'],
    });
  });

  it('calls acknowledged events lost that are elsewhere than said', () => {
    expectOnly(new Log().add('a', 1, 'a2').add('a', 2, 'a1').add('b', 1, 'b1').messages, {
      lost: ['first: a1 acknowledged at a@1, found a@2', 'first: a2 acknowledged at a@2, found a@1'],
    });
  });

  it('calls a message id doubled that is stored twice', () => {
    expectOnly(acknowledged().add('a', 3, 'a2').messages, { doubled: ['a2 at a@2 and a@3'] });
  });

  it('calls it a gap where a version is missing', () => {
    expectOnly(acknowledged().add('c', 1, 'c1').add('c', 3, 'c2').messages, {
      gaps: ['c@3 (body says 3) where 2 should be'],
    });
  });

  it('calls it a gap where a version is there twice', () => {
    expectOnly(acknowledged().add('c', 1, 'c1').add('c', 1, 'c2').messages, {
      gaps: ['c@1 (body says 1) where 2 should be'],
    });
  });

  it('calls an append torn of which a part is stored', () => {
    expectOnly(acknowledged().add('c', 1, 'c1').messages, { torn: ['untold: 1 of 2 events'] });
  });

  it('calls a refused event that is stored a ghost', () => {
    expectOnly(acknowledged().add('a', 3, 'r1').messages, { ghosts: ['refused: refused, but stored'] });
  });

  it.each([
    ['its hash', (message: StoredMessage) => ({ ...message, hash: sha256().toString('base64url') })],
    ['its salt', (message: StoredMessage) => ({ ...message, salt: '' })],
    [
      'its bytes',
      (message: StoredMessage) => ({ ...message, bytes: Buffer.concat([message.bytes, Buffer.from(' ')]) }),
    ],
    ['its subject', (message: StoredMessage) => ({ ...message, subject: `${message.subject}.else` })],
  ])('calls a chain broken where a message is not the one that was hashed: %s', (_, doctor) => {
    const log = acknowledged().messages;
    expectOnly([...log.slice(0, -1), doctor(log.at(-1)!)], { brokenChains: ['a@2'] });
  });
});

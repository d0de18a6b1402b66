import type { Logger } from '@annals/core';
import { type LetterAbout, LetterPoster } from './letter-poster.ts';

describe('LetterPoster', () => {
  const about = (kind: LetterAbout['kind']) =>
    ({ key: { subscription: 'billing', stream: 'EVENTS', sequence: 17 }, kind, reason: 'no account' }) as LetterAbout;

  function posterWith(message: unknown) {
    const told: unknown[][] = [];
    const posted: unknown[] = [];
    const logger = { warn: (...entry: unknown[]) => void told.push(entry) } as unknown as Logger;
    const box = { post: async (letter: unknown) => void posted.push(letter) };
    const leader = { message: async () => message };
    const poster = new LetterPoster(box as never, leader as never, 1, new AbortController().signal, logger);
    return { poster, posted, told };
  }

  it.each(['rejected', 'attempts-exhausted', 'process-ended', 'unreadable'] as const)(
    'tells the log of an event that became a letter: %s',
    async (kind) => {
      const { poster, posted, told } = posterWith({});
      expect(await poster.post(about(kind))).toBe(true);
      expect(posted).toHaveLength(1);
      const position = { stream: 'EVENTS', sequence: 17 };
      expect(told).toEqual([['an event became a dead letter of billing: no account', { position, kind }]]);
    },
  );

  it('tells nothing of events that are kept behind one, nor of one that is gone', async () => {
    const parked = posterWith({});
    expect(await parked.poster.post(about('parked'))).toBe(true);
    expect(parked.posted).toHaveLength(1);
    const gone = posterWith(undefined);
    expect(await gone.poster.post(about('rejected'))).toBe(true);
    expect(gone.posted).toEqual([]);
    expect([...parked.told, ...gone.told]).toEqual([]);
  });
});

import { MAX_CURSOR_STREAMS, readLiveCursor, writeLiveCursor } from '../index.ts';

describe('a live cursor', () => {
  it('is read as it was written', () => {
    const positions = [
      { stream: 'EVENTS', sequence: 17 },
      { stream: 'ORDERS_2-x', sequence: 0 },
      { stream: 'C', sequence: Number.MAX_SAFE_INTEGER },
    ];
    expect(writeLiveCursor(positions)).toBe('EVENTS:17,ORDERS_2-x:0,C:9007199254740991');
    expect(readLiveCursor(writeLiveCursor(positions))).toEqual(positions);
  });

  it.each([
    '',
    ',',
    'EVENTS',
    'EVENTS:',
    ':1',
    'EVENTS:-1',
    'EVENTS:1.5',
    'EVENTS:1,',
    'EVENTS:1,EVENTS:2',
    'EVENTS:9007199254740992',
    'EVENTS:1 ',
    'Ü:1',
    `${'x'.repeat(65)}:1`,
    Array.from({ length: MAX_CURSOR_STREAMS + 1 }, (_, i) => `S${i}:1`).join(','),
  ])('is not %j', (text) => {
    expect(readLiveCursor(text)).toBeUndefined();
  });
});

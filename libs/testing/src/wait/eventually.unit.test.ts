import { describe, expect, it } from '@jest/globals';
import { eventually } from '../index.ts';

describe('eventually', () => {
  it('returns what the condition gives once it gives something', async () => {
    let looks = 0;
    const value = await eventually(() => (++looks < 3 ? undefined : { looks }), { intervalMs: 1 });
    expect(value).toEqual({ looks: 3 });
  });

  it('waits for conditions that are promises, and over those that fail', async () => {
    let looks = 0;
    const value = await eventually(
      async () => {
        if (++looks < 3) throw new Error('not yet');
        return 'there';
      },
      { intervalMs: 1 },
    );
    expect(value).toBe('there');
  });

  it('gives up at the deadline and says what it saw last', async () => {
    await expect(eventually(() => 0, { deadlineMs: 5, intervalMs: 1 })).rejects.toThrow(
      'Not within 5 ms: it returned 0',
    );
    const cause = new Error('connection refused');
    const failing = eventually(() => Promise.reject(cause), { deadlineMs: 5, intervalMs: 1 });
    await expect(failing).rejects.toMatchObject({ message: 'Not within 5 ms: connection refused', cause });
  });

  it('looks once also without any time', async () => {
    expect(await eventually(() => true, { deadlineMs: 0 })).toBe(true);
  });
});

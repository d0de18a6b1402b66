import { describe, expect, it } from '@jest/globals';
import { nameProblem, ulidSource } from '../index.ts';

describe('ulidSource', () => {
  it('makes ids that are all different', () => {
    const next = ulidSource(() => 1_700_000_000_000);
    const ids = Array.from({ length: 5_000 }, next);
    expect(new Set(ids).size).toBe(5_000);
  });

  it('makes ids of 26 characters that are valid names', () => {
    const id = ulidSource(() => 1_700_000_000_000)();
    expect(id).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
    expect(nameProblem(id)).toBeUndefined();
  });

  it('makes ids that sort by the time they were made at', () => {
    let now = 1_700_000_000_000;
    const next = ulidSource(() => now++);
    const ids = Array.from({ length: 1_000 }, next);
    expect(ids).toEqual([...ids].sort());
  });
});

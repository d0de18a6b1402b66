import { describe, expect, it } from '@jest/globals';
import { compareHandled } from './compare-handled.ts';

describe('compareHandled', () => {
  it('finds nothing where every event was handled once', () => {
    expect(compareHandled('model', [1, 2, 5], [1, 2, 5])).toEqual([]);
  });

  it('finds what was applied twice, and what was skipped', () => {
    expect(compareHandled('model', [1, 2, 2, 5], [1, 2, 3, 5])).toEqual([
      'model: applied twice: 2 (1)',
      'model: skipped: 3 (1)',
    ]);
  });
});

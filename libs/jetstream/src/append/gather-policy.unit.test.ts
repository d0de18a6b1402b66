import { describe, expect, it } from '@jest/globals';
import { GatherPolicy } from './gather-policy.ts';

describe('GatherPolicy', () => {
  let nowMs = 0;

  /** Sends many at once and lets the server answer one every `costMs`. */
  function pipeline(policy: GatherPolicy, count: number, costMs: number): void {
    for (let i = 0; i < count; i++) policy.plainSent();
    for (let i = 0; i < count; i++) {
      nowMs += costMs;
      policy.plainAnswered();
    }
  }

  it('gathers single events from the start where there are copies', () => {
    expect(new GatherPolicy(3, () => nowMs).gathersSingles()).toBe(true);
  });

  it('sends single events at once on one node whose acknowledgements come fast', () => {
    const policy = new GatherPolicy(1, () => nowMs);
    pipeline(policy, 500, 0.05);
    expect(policy.gathersSingles()).toBe(false);
  });

  /** Gathered commits of ten events each. */
  function gather(policy: GatherPolicy, commits: number, msEach: number): void {
    for (let i = 0; i < commits; i++) policy.gatheredLanded(10, msEach);
  }

  it('gathers on one node whose every acknowledgement waits for the disk', () => {
    const policy = new GatherPolicy(1, () => nowMs);
    pipeline(policy, 300, 0.26);
    expect(policy.gathersSingles()).toBe(true);
    gather(policy, 20, 1);
    expect(policy.gathersSingles()).toBe(true);
  });

  it('gives gathering up for a while where it costs more than it saves, as on a busy machine', () => {
    const policy = new GatherPolicy(1, () => nowMs);
    pipeline(policy, 300, 0.26);
    expect(policy.gathersSingles()).toBe(true);
    gather(policy, 20, 5);
    expect(policy.gathersSingles()).toBe(false);
    pipeline(policy, 300, 0.26);
    expect(policy.gathersSingles()).toBe(false);
    nowMs += 3_000;
    expect(policy.gathersSingles()).toBe(true);
  });

  it('does not judge by acknowledgements that nothing else waited behind', () => {
    const policy = new GatherPolicy(1, () => nowMs);
    for (let i = 0; i < 500; i++) pipeline(policy, 1, 2);
    expect(policy.gathersSingles()).toBe(false);
  });

  it('sees a flush for each behind acknowledgements that come in bunches', () => {
    const policy = new GatherPolicy(1, () => nowMs);
    for (let i = 0; i < 400; i++) policy.plainSent();
    for (let i = 0; i < 390; i++) {
      if (i % 32 === 0) nowMs += 8;
      policy.plainAnswered();
    }
    expect(policy.gathersSingles()).toBe(true);
  });

  it('does not judge by a few slow acknowledgements', () => {
    const policy = new GatherPolicy(1, () => nowMs);
    pipeline(policy, 150, 1);
    expect(policy.gathersSingles()).toBe(false);
  });

  it('does not take a long pause of the machine for a slow disk', () => {
    const policy = new GatherPolicy(1, () => nowMs);
    pipeline(policy, 100, 0.04);
    for (let i = 0; i < 160; i++) policy.plainSent();
    nowMs += 500;
    for (let i = 0; i < 160; i++) policy.plainAnswered();
    pipeline(policy, 300, 0.04);
    expect(policy.gathersSingles()).toBe(false);
  });

  it('looks again soon after its first verdict, and later after each that is the same, up to half a minute', () => {
    const policy = new GatherPolicy(1, () => nowMs);
    for (const heldMs of [3_000, 6_000, 12_000, 24_000, 30_000, 30_000]) {
      pipeline(policy, 300, 0.26);
      expect(policy.gathersSingles()).toBe(true);
      gather(policy, 20, 1);
      nowMs += heldMs;
      expect(policy.gathersSingles()).toBe(true);
      nowMs += 1;
      expect(policy.gathersSingles()).toBe(false);
    }
  });

  it('begins with a short while again when the verdict changes', () => {
    const policy = new GatherPolicy(1, () => nowMs);
    for (const costMs of [1, 1, 1, 5]) {
      pipeline(policy, 300, 0.26);
      expect(policy.gathersSingles()).toBe(true);
      gather(policy, 20, costMs);
      nowMs += 40_000;
      policy.gathersSingles();
    }
    pipeline(policy, 300, 0.26);
    expect(policy.gathersSingles()).toBe(true);
    gather(policy, 20, 1);
    nowMs += 3_001;
    expect(policy.gathersSingles()).toBe(false);
  });
});

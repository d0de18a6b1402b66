import fc from 'fast-check';
import type { OldEvent } from './old-event.ts';
import { judge, removalOrder } from './removable-events.ts';

/** Events in ascending sequence; of a few aggregates or of none. */
const events = fc
  .array(fc.record({ aggregate: fc.constantFrom(undefined, 'a', 'b', 'c'), skipped: fc.nat(3) }), { maxLength: 40 })
  .map((list) => {
    let sequence = 0;
    return list.map(({ aggregate, skipped }): OldEvent => {
      sequence += 1 + skipped;
      const counted = { tenantId: 't', type: 'x' };
      return { sequence, recordedAtMs: sequence, counted, ...(aggregate && { aggregate }) };
    });
  });

describe('judge', () => {
  it('removes whatever a later event of the same aggregate supersedes, and every event without aggregate', () => {
    fc.assert(
      fc.property(events, (list) => {
        const { removable, undecided } = judge(list);
        for (const event of list) {
          const later = list.some((e) => e.aggregate === event.aggregate && e.sequence > event.sequence);
          expect(removable.includes(event)).toBe(event.aggregate === undefined || later);
        }
        expect([...removable, ...undecided].sort((a, b) => a.sequence - b.sequence)).toEqual(list);
      }),
    );
  });

  it('leaves exactly one event of each aggregate undecided: its newest', () => {
    fc.assert(
      fc.property(events, (list) => {
        const aggregates = new Set(list.flatMap((e) => e.aggregate ?? []));
        const { undecided } = judge(list);
        expect(new Set(undecided.map((e) => e.aggregate))).toEqual(aggregates);
        expect(undecided).toHaveLength(aggregates.size);
      }),
    );
  });
});

describe('removalOrder', () => {
  it('puts every event in one group, an aggregate’s all in the same one and the oldest first', () => {
    fc.assert(
      fc.property(events, (list) => {
        const groups = removalOrder([...list].reverse());
        expect(groups.flat().sort((a, b) => a - b)).toEqual(list.map((e) => e.sequence));
        for (const group of groups) {
          expect([...group].sort((a, b) => a - b)).toEqual(group);
          const of = new Set(group.map((sequence) => list.find((e) => e.sequence === sequence)!.aggregate));
          expect(of.size).toBe(1);
          if (group.length > 1) expect(of).not.toContain(undefined);
        }
        const named = list.flatMap((e) => e.aggregate ?? []);
        expect(groups).toHaveLength(new Set(named).size + list.length - named.length);
      }),
    );
  });
});

import { StoreTally } from '@annals/core';
import fc from 'fast-check';
import { type RetentionRecord, decodeRecord, emptyRecord, encodeRecord } from './retention-record.ts';

const stored = (record: RetentionRecord): unknown => JSON.parse(JSON.stringify(encodeRecord(record)));

describe('a retention record', () => {
  it('is the same after it was stored and read back', () => {
    const sequences = fc.uniqueArray(fc.integer({ min: 1, max: 2 ** 52 }), { maxLength: 50 });
    fc.assert(
      fc.property(sequences, fc.nat(), (list, changes) => {
        const removed = new StoreTally();
        removed.add({ tenantId: 't', type: 'a', aggregateType: '__proto__', version: 1 });
        const pending = [...list].sort((a, b) => a - b);
        const sweep = { cutoffMs: 5, through: 3, removed: 2, kept: 1 };
        const record = { ...emptyRecord('2024-01-01T00:00:00Z'), changes, removed, pending, sweep };
        const read = decodeRecord(stored(record))!;
        expect({ ...read, removed: undefined }).toEqual({ ...record, removed: undefined });
        expect(read.removed.of('t').toStats()).toEqual(removed.of('t').toStats());
      }),
    );
  });

  it.each([
    undefined,
    null,
    7,
    {},
    { ...(stored(emptyRecord('x')) as object), created: 5 },
    { ...(stored(emptyRecord('x')) as object), changes: '1' },
    { ...(stored(emptyRecord('x')) as object), removed: {} },
    { ...(stored(emptyRecord('x')) as object), pending: 7 },
    { ...(stored(emptyRecord('x')) as object), pending: [1.5] },
  ])('is not read from %j', (value) => expect(decodeRecord(value)).toBeUndefined());
});

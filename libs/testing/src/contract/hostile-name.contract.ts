import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { nameProblem } from '@annals/core';
import { type ContractContext, collect, event, versionsOf } from './contract-context.ts';

/** Names that mean something to NATS, to files, to JavaScript or to nobody; all of them are names like others. */
const HOSTILE = [
  '.',
  '..',
  'a.b',
  'a..b',
  '.a',
  'a.',
  'a%2Eb',
  '*',
  '>',
  'a.*',
  'a.>',
  ' ',
  'a b',
  ' a',
  '\t',
  '\r\n',
  '\0',
  '-',
  '--',
  '%2D',
  '%',
  '%%',
  '%2',
  '/',
  '../../etc/passwd',
  '\\',
  '"',
  "'",
  '{}',
  '$SYS',
  '$JS.API',
  '_INBOX.x',
  '__proto__',
  'constructor',
  'ü',
  'u\u0308',
  '日本語',
  '🎉',
  '\u202e',
  '\uFEFF',
  'A',
  'a',
  '1',
  '01',
  'null',
  'x'.repeat(200),
  'é'.repeat(33),
];

/** Names as they come from outside. */
export function hostileNameContract(context: ContractContext): void {
  describe('names', () => {
    it.each(HOSTILE)('%j is a tenant, an aggregate type and an aggregate id', async (name) => {
      const id = context.unique('id');
      const refs = [
        { tenantId: name, type: 'order', id },
        { tenantId: context.unique('tenant'), type: name, id },
        { tenantId: context.unique('tenant'), type: 'order', id: name },
      ];
      for (const ref of refs) {
        await context.append(ref, event('order.placed', name), { expectedVersion: 'none' });
        await context.append(ref, [event(), event()], { expectedVersion: 1 });
        await expect(context.append(ref, event(), { expectedVersion: 1 })).rejects.toMatchObject({ actualVersion: 3 });
        const stored = await context.read(ref);
        expect(versionsOf(stored)).toEqual([1, 2, 3]);
        for (const found of stored) {
          expect(found).toMatchObject({ tenantId: ref.tenantId, aggregateType: ref.type, aggregateId: ref.id });
        }
        const { tenantId, type: aggregateType, id: aggregateId } = ref;
        expect(await collect(context.store.readAll({ tenantId, aggregateType, aggregateId }))).toEqual(stored);
        expect((await context.store.head(ref))!.aggregate).toEqual(ref);
        expect(await context.store.aggregateTypesOf(aggregateId, tenantId)).toEqual([aggregateType]);
      }
    });

    it('are never taken for each other', async () => {
      const { tenantId } = context.aggregate();
      await Promise.all(
        HOSTILE.flatMap((name) => [
          context.append({ tenantId, type: 'order', id: name }, event('order.placed', name), { expectedVersion: 0 }),
          context.append({ tenantId, type: name, id: 'same' }, event('order.placed', name), { expectedVersion: 0 }),
        ]),
      );
      for (const name of HOSTILE) {
        for (const ref of [
          { tenantId, type: 'order', id: name },
          { tenantId, type: name, id: 'same' },
        ]) {
          expect((await context.read(ref)).map(({ data }) => data)).toEqual([name]);
        }
      }
      const stats = await context.store.stats({ tenantId });
      expect(stats.uniqueAggregates).toBe(2 * HOSTILE.length);
      expect(new Set(Object.keys(stats.aggregateTypeBreakdown))).toEqual(new Set([...HOSTILE, 'order']));
      expect(await context.store.aggregateTypesOf('same', tenantId)).toEqual([...HOSTILE].sort());
    });

    it.each(['.', '/', ':', '-', '%2E', '","', '\0', '|'])('may hold %j where another name begins', async (mark) => {
      const { tenantId } = context.aggregate();
      const refs = [
        { tenantId, type: 'a', id: `b${mark}c` },
        { tenantId, type: `a${mark}b`, id: 'c' },
        { tenantId: `${tenantId}${mark}a`, type: 'b', id: 'c' },
        { tenantId: `${tenantId}${mark}a${mark}b`, type: 'c', id: 'c' },
      ];
      for (const [i, ref] of refs.entries()) {
        await context.append(ref, event('order.placed', i), { expectedVersion: 'none' });
      }
      for (const [i, ref] of refs.entries()) {
        expect((await context.read(ref)).map(({ data }) => data)).toEqual([i]);
        expect((await context.store.load(ref)).events.map(({ data }) => data)).toEqual([i]);
      }
    });

    it('of tenants are never taken for each other', async () => {
      const type = context.unique('type');
      for (const tenantId of HOSTILE)
        await context.append({ tenantId, type, id: '1' }, event('order.placed', tenantId));
      for (const tenantId of HOSTILE) {
        const found = await collect(context.store.readAll({ tenantId, aggregateType: type }));
        expect(found.map(({ data }) => data)).toEqual([tenantId]);
      }
    });

    it('serve as message ids of events without aggregate', async () => {
      const tenantId = context.unique('tenant');
      const ids = HOSTILE.filter((name) => name.length <= 128);
      for (const messageId of ids) {
        const { repeated } = await context.store.appendAll([{ tenantId, events: [{ ...event(), messageId }] }]);
        expect(repeated).toBe(false);
      }
      for (const messageId of ids) {
        const { repeated } = await context.store.appendAll([{ tenantId, events: [{ ...event(), messageId }] }]);
        expect(repeated).toBe(true);
      }
      expect((await context.readTenant(tenantId)).map(({ messageId }) => messageId)).toEqual(ids);
    });

    it('may be any text that the rules allow', async () => {
      const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }).filter((text) => !nameProblem(text));
      const { tenantId } = context.aggregate();
      await fc.assert(
        fc.asyncProperty(name, name, async (type, id) => {
          const ref = { tenantId, type, id };
          const { heads } = await context.append(ref, event());
          expect(heads[0]!.aggregate).toEqual(ref);
          expect((await context.read(ref)).at(-1)).toMatchObject({ aggregateType: type, aggregateId: id });
        }),
        { numRuns: 30 },
      );
    });

    const longest = 'a.b-c_D.' + 'x'.repeat(192);
    it.each(['a', 'UPPER', 'a.b.c.d.e.f.g.h', '-', '_', '__proto__', '1.2.3', longest])(
      '%j is an event type',
      async (type) => {
        const order = context.aggregate();
        await context.append(order, event(type));
        await context.store.appendAll([{ tenantId: order.tenantId, events: [event(type)] }]);
        const found = await collect(context.store.readAll({ tenantId: order.tenantId, eventTypes: [type] }));
        expect(found.map((stored) => stored.type)).toEqual([type, type]);
      },
    );
  });
}

import { describe, expect, it } from '@jest/globals';
import { type DocumentContext, EventRegistry, defineProjection } from '@annals/core';
import { testProjection } from './projection-scenario.ts';

const names = defineProjection<DocumentContext>({
  name: 'names',
  handle: async ({ type, aggregateId, data }, documents) => {
    if (type === 'user.deleted') return documents.delete(aggregateId!);
    const known = (await documents.get<{ changes: number }>(aggregateId!)) ?? { changes: 0 };
    documents.put(aggregateId!, { name: (data as { name: string }).name, changes: known.changes + 1 });
  },
});
const created = { type: 'user.created', aggregateId: 'u1', data: { name: 'Ada' } };

describe('testProjection', () => {
  it('hands over the events in order and compares all documents', async () => {
    const scenario = testProjection(names).given(created);
    await scenario.expect({ u1: { name: 'Ada', changes: 1 } });
    await scenario
      .given({ ...created, type: 'user.renamed', data: { name: 'Eve' } }, { ...created, aggregateId: 'u2' })
      .expect({ u1: { name: 'Eve', changes: 2 }, u2: { name: 'Ada', changes: 1 } });
    await scenario.given({ type: 'user.deleted', aggregateId: 'u1', data: {} }).expect({});
  });

  it('fails where the documents differ, or one is left over', async () => {
    const scenario = testProjection(names).given(created);
    await expect(scenario.expect({ u1: { name: 'Eve', changes: 1 } })).rejects.toThrow(/Eve/);
    await expect(scenario.expect({})).rejects.toThrow(/u1/);
  });

  it('fails with what the projection throws', async () => {
    await expect(
      testProjection(names).given({ type: 'user.created', aggregateId: '', data: {} }).state(),
    ).rejects.toThrow(/key/);
  });

  it('hands over events as they are today where a registry is given', async () => {
    const registry = new EventRegistry()
      .registerMigration('user.created', 1, 2, (data) => ({ name: (data as { fullName: string }).fullName }))
      .seal();
    const old = { type: 'user.created', aggregateId: 'u1', data: { fullName: 'Ada' } };
    await testProjection(names, { registry })
      .given(old)
      .expect({ u1: { name: 'Ada', changes: 1 } });
  });
});

import { describe, expect, it } from '@jest/globals';
import { type ProcessInput, EventRegistry, defineProcess, splitInto, withRegistry } from '@annals/core';
import { eventually } from '../../wait/eventually.ts';
import { createInMemoryStore } from '../in-memory-store.ts';

/** Takes numbers only. */
const numeric = {
  '~standard': {
    version: 1 as const,
    vendor: 'test',
    validate: (value: unknown) =>
      typeof value === 'number' ? { value } : { issues: [{ message: 'must be a number' }] },
  },
};

describe('a process manager on a store with a registry', () => {
  it('decides upon events as they are today, part by part, and what it emits is checked', async () => {
    const stored = createInMemoryStore();
    const ids = ['one', 'two'];
    const process = defineProcess<readonly unknown[]>({
      name: 'parts',
      startsOn: ['order.placed'],
      correlate: ({ data }) => (data as { for: string }).for,
      initialState: [],
      handle: (state, input: ProcessInput, { key }) => {
        if (input.type === 'failure') return { state: [...state, input.error.name], end: 'refused' };
        if (input.type !== 'event') return undefined;
        const events = { type: 'bill.opened', data: key === 'one' ? 1 : 'none' };
        return { state: [...state, input.event.data], emit: { aggregate: { type: 'bill', id: key }, events } };
      },
    });
    const registry = new EventRegistry()
      .add({ 'bill.opened': { schema: numeric, version: 3 } })
      .registerMigration('bill.opened', 1, 2, (data) => data)
      .registerMigration('bill.opened', 2, 3, (data) => data)
      .registerMigration('order.placed', 1, 2, () => splitInto(...ids.map((id) => ({ data: { for: id } }))));
    const store = withRegistry(stored, registry.seal());
    const running = await store.processes.run(process);
    await stored.append({ type: 'order', id: 'o' }, { type: 'order.placed', data: 'both' });
    await eventually(async () => (await store.processes.instance('parts', 'two')).endedAt !== undefined);
    expect((await store.processes.instance('parts', 'two')).data).toEqual([{ for: 'two' }, 'ValidationError']);
    expect((await store.processes.instance('parts', 'one')).data).toEqual([{ for: 'one' }]);
    const { events } = await stored.load({ type: 'bill', id: 'one' });
    expect(events).toMatchObject([{ data: 1, schemaVersion: 3 }]);
    expect(await stored.exists({ type: 'bill', id: 'two' })).toBe(false);
    await running.stop();
    await store.close();
  });
});

import { describe, expect, it } from '@jest/globals';
import { type RecordedEvent, foldEvents, isThenable } from '../index.ts';

const order = { type: 'order', id: '1' };

function recorded(...data: unknown[]): RecordedEvent[] {
  return data.map((value, i) => ({
    messageId: `m-${i}`,
    type: 'order.changed',
    data: value,
    timestamp: '2024-01-01T00:00:00Z',
    tenantId: 'default',
    version: i + 1,
    schemaVersion: 1,
    position: { stream: 'EVENTS', sequence: 10 + i },
    recordedAt: '2024-01-01T00:00:00Z',
  }));
}

async function* slowly(events: readonly RecordedEvent[]): AsyncGenerator<RecordedEvent> {
  for (const event of events) yield await Promise.resolve(event);
}

describe('foldEvents', () => {
  const sum = (total: number, { data }: RecordedEvent) => total + (data as number);

  it('folds in order and tells the version that it came to', async () => {
    expect(await foldEvents(order, recorded(1, 2, 3), 10, sum)).toEqual({ state: 16, version: 3 });
    expect(await foldEvents(order, slowly(recorded(1, 2, 3)), 10, sum)).toEqual({ state: 16, version: 3 });
    const listed = await foldEvents(order, recorded('a', 'b'), '', (text, { data }) => `${text}${String(data)}`);
    expect(listed.state).toBe('ab');
  });

  it('gives the initial state at version 0 where there are no events', async () => {
    const initial = {};
    const { state, version } = await foldEvents(order, [], initial, () => ({}));
    expect(state).toBe(initial);
    expect(version).toBe(0);
  });

  it('keeps the last version over an event that has none', async () => {
    const [first, second] = recorded(1, 2);
    const { version: _, ...without } = second!;
    expect(await foldEvents(order, [first!, without], 0, sum)).toEqual({ state: 3, version: 1 });
  });

  it('names aggregate, event and cause when the reducer throws', async () => {
    const cause = new TypeError('no such field');
    const folding = foldEvents(order, recorded(1, 2, 3), 0, (total, { data }) => {
      if (data === 2) throw cause;
      return total;
    });
    await expect(folding).rejects.toMatchObject({
      name: 'ReducerFailed',
      code: 'reducer-failed',
      aggregate: order,
      eventType: 'order.changed',
      version: 2,
      position: { stream: 'EVENTS', sequence: 11 },
      cause,
      message: expect.stringContaining('order.changed (version 2, EVENTS:11) of default/order/1: it threw'),
    });
  });

  it('refuses a reducer that returns a promise', async () => {
    const folding = foldEvents<unknown>(order, recorded(1), 0, () => Promise.resolve(1));
    await expect(folding).rejects.toMatchObject({
      code: 'reducer-failed',
      message: expect.stringMatching(/synchronous/),
    });
  });

  it('hands on a failure of the events as it is, and ends the read when the reducer fails', async () => {
    const failure = new Error('of the store');
    let ended = false;
    async function* events() {
      try {
        yield* recorded(1);
        throw failure;
      } finally {
        ended = true;
      }
    }
    await expect(foldEvents(order, events(), 0, sum)).rejects.toBe(failure);
    ended = false;
    const failing = foldEvents(order, events(), 0, () => {
      throw new Error('of the reducer');
    });
    await expect(failing).rejects.toMatchObject({ code: 'reducer-failed' });
    expect(ended).toBe(true);
  });
});

describe('isThenable', () => {
  it.each([[Promise.resolve()], [{ then() {} }]])('is true for what can be awaited', (value) =>
    expect(isThenable(value)).toBe(true),
  );
  it.each([[null], [undefined], [{}], [{ then: 1 }], ['then'], [[]]])('is false for %p', (value) =>
    expect(isThenable(value)).toBe(false),
  );
});

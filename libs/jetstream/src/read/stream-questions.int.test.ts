import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type TestNatsServer, startNatsServer } from '@annals/testing';
import { AggregateTypes } from './aggregate-types.ts';
import { DirectReader } from './direct-reader.ts';
import { LeaderReader } from './leader-reader.ts';
import { PositionTimes } from './position-times.ts';
import { StoredStream, collect, range } from './stored-stream.spec-support.ts';

const TOPOLOGY = { streams: [{ stream: 'ORDERS', aggregateTypes: ['order'] }] };

let server: TestNatsServer;
let stored: StoredStream;

beforeAll(async () => {
  server = await startNatsServer();
  stored = await StoredStream.open(server.url, { topology: TOPOLOGY });
});

afterAll(async () => {
  await stored?.close();
  await server?.stop();
});

describe('AggregateTypes', () => {
  const types = () => {
    const { channel, topology, retention } = stored.dependencies;
    return new AggregateTypes(channel, topology, retention);
  };

  it('finds the types of an id in all streams, among hostile names', async () => {
    const ids = ['x', 'x.y', '*', '>', '-', 'é', '1'];
    for (const id of ids) {
      for (const type of ['order', 'a.b', 'cart']) await stored.append({ tenantId: 'types', type, id }, 2);
    }
    await stored.append({ tenantId: 'types', type: 'only', id: 'x' }, 1);
    await stored.appendLoose('types', { type: 'x' });
    for (const id of ids) {
      const expected = id === 'x' ? ['a.b', 'cart', 'only', 'order'] : ['a.b', 'cart', 'order'];
      expect(await types().of(id, 'types')).toEqual(expected);
    }
    expect(await types().of('x', 'other')).toEqual([]);
    expect(await types().of('y', 'types')).toEqual([]);
  });

  it('finds types whose first events retention took', async () => {
    const last = await stored.append({ tenantId: 'swept', type: 'order', id: '1' }, 3);
    await stored.append({ tenantId: 'swept', type: 'cart', id: '1' }, 1);
    await stored.delete('ORDERS', last - 2);
    stored.swept.add('ORDERS');
    expect(await types().of('1', 'swept')).toEqual(['cart', 'order']);
    stored.swept.clear();
  });

  it.each([
    ['aggregateId', '', 'acme'],
    ['tenantId', '1', ''],
  ])('refuses a bad %s', async (path, id, tenantId) => {
    await expect(types().of(id, tenantId)).rejects.toMatchObject({ errors: [{ path }] });
  });
});

describe('PositionTimes', () => {
  const times = () => {
    const { channel, topology } = stored;
    const isKnown = (stream: string) => topology.bindingOfStream(stream) !== undefined;
    return new PositionTimes(new DirectReader(channel), new LeaderReader(channel), isKnown);
  };

  it('tells the times that reads tell, in few requests, over deleted and unknown positions', async () => {
    await stored.append({ tenantId: 'times', type: 'order', id: '1' }, 1_200);
    await stored.append({ tenantId: 'times', type: 'cart', id: '1' }, 3);
    const events = await collect(stored.streams.readAll({ tenantId: 'times' }));
    const gone = [5, 6, 7, 600].map((i) => events[i]!.position);
    for (const { stream, sequence } of gone) await stored.delete(stream, sequence);

    const positions = [...events.map(({ position }) => position)].reverse();
    const beyond = { stream: 'ORDERS', sequence: 1_000_000 };
    const requests = stored.countRequests();
    const found = await times().recordedAt([...positions, beyond, { stream: 'NOPE', sequence: 1 }]);
    expect(requests()).toBeLessThan(12);
    const expected = [...events].reverse().map(({ position, recordedAt }) => {
      const isGone = gone.some(({ stream, sequence }) => stream === position.stream && sequence === position.sequence);
      return isGone ? undefined : recordedAt;
    });
    expect(found).toEqual([...expected, undefined, undefined]);
  });

  it('asks nothing for no positions, and takes none that cannot be', async () => {
    const requests = stored.countRequests();
    const bad = [0, -1, 1.5, NaN, 2 ** 53].map((sequence) => ({ stream: 'EVENTS', sequence }));
    expect(await times().recordedAt([])).toEqual([]);
    expect(await times().recordedAt(bad)).toEqual(bad.map(() => undefined));
    expect(requests()).toBe(0);
  });
});

describe('a stream with messages that Annals does not write', () => {
  it('is read up to them, and their position is named, both ways', async () => {
    const tenantId = 'foreign';
    await stored.append({ tenantId, type: 'cart', id: '1' }, 3);
    const sequence = await stored.publishForeign(`evt.${tenantId}.cart.2.1.oops`, 'not JSON');
    await stored.append({ tenantId, type: 'cart', id: '3' }, 2);
    const corrupt = { code: 'corrupt-event', position: { stream: 'EVENTS', sequence } };
    for (const [direction, before] of [
      ['forwards', 3],
      ['backwards', 0],
    ] as const) {
      const seen: unknown[] = [];
      const reading = (async () => {
        for await (const event of stored.streams.readAll({ tenantId, direction })) seen.push(event);
      })();
      await expect(reading).rejects.toMatchObject(corrupt);
      expect(seen).toHaveLength(before);
    }
    // Counting by subjects takes it for what its subject says.
    expect(await stored.streams.count({ tenantId })).toBe(6);
    const bad = await stored.publishForeign(`evt.${tenantId}.cart.x.bad.oops`, '{}');
    await expect(stored.streams.count({ tenantId, fromTimestamp: '2024-01-01T00:00:00Z' })).rejects.toMatchObject({
      code: 'corrupt-event',
      position: { stream: 'EVENTS', sequence: bad },
    });
  });
});

describe('a stream of large events', () => {
  it('is read whole, both ways', async () => {
    const text = 'x'.repeat(900_000);
    const tenantId = 'large';
    for (let i = 0; i < 15; i++)
      await stored.append({ tenantId, type: 'cart', id: String(i) }, [{ data: { i, text } }]);
    for (const direction of ['forwards', 'backwards'] as const) {
      const seen: number[] = [];
      for await (const { data } of stored.streams.readAll({ tenantId, direction }))
        seen.push((data as { i: number }).i);
      expect(seen).toEqual(direction === 'forwards' ? range(0, 14) : range(0, 14).reverse());
    }
  });
});

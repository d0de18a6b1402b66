import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ResolvedAggregateRef } from '@annals/core';
import { type TestNatsServer, startNatsServer } from '@annals/testing';
import { AggregateLoader } from './aggregate-loader.ts';
import { StoredStream, range, versionsOf } from './stored-stream.spec-support.ts';

const CACHE_BYTES = 1024 * 1024;

let server: TestNatsServer;
let stored: StoredStream;
let nextId = 0;

beforeAll(async () => {
  server = await startNatsServer();
  stored = await StoredStream.open(server.url);
});

afterAll(async () => {
  await stored?.close();
  await server?.stop();
});

const order = (): ResolvedAggregateRef => ({ tenantId: 'acme', type: 'order', id: `order-${++nextId}` });

describe('AggregateLoader', () => {
  it('asks once where nothing is new, and hands out the same events', async () => {
    const loader = new AggregateLoader(stored.aggregates, CACHE_BYTES);
    const ref = order();
    await stored.append(ref, 100);
    const first = await loader.load(ref);
    expect(versionsOf(first.events)).toEqual(range(1, 100));

    const requests = stored.countRequests();
    const second = await loader.load(ref);
    expect(requests()).toBe(1);
    expect(second.events).toBe(first.events);
  });

  it.each([1, 3, 4, 5, 300, 1_100])('adds %s new events to those it knows', async (added) => {
    const loader = new AggregateLoader(stored.aggregates, CACHE_BYTES);
    const ref = order();
    await stored.append(ref, 5);
    await loader.load(ref);
    await stored.append(ref, added);
    const loaded = await loader.load(ref);
    expect(loaded.version).toBe(5 + added);
    expect(versionsOf(loaded.events)).toEqual(range(1, 5 + added));
  });

  it('reads only what is new', async () => {
    const loader = new AggregateLoader(stored.aggregates, CACHE_BYTES);
    const ref = order();
    await stored.append(ref, 50);
    const { events } = await loader.load(ref);
    await stored.append(ref, 2);
    const requests = stored.countRequests();
    const loaded = await loader.load(ref);
    expect(requests()).toBe(1);
    expect(loaded.events[49]).toBe(events[49]);
  });

  it('hands out what nobody can change', async () => {
    const loader = new AggregateLoader(stored.aggregates, CACHE_BYTES);
    const ref = order();
    await stored.append(ref, [{ data: { lines: [{ product: 'a' }] } }]);
    for (const cache of [true, true, false]) {
      const { events } = await loader.load(ref, { cache });
      const { lines } = events[0]!.data as { lines: { product: string }[] };
      expect(() => lines.push({ product: 'b' })).toThrow(TypeError);
      expect(() => (lines[0]!.product = 'b')).toThrow(TypeError);
      expect(() => (events as unknown[]).pop()).toThrow(TypeError);
    }
  });

  it('lets loads at the same time share one request, begun after the last of them came', async () => {
    const loader = new AggregateLoader(stored.aggregates, CACHE_BYTES);
    const ref = order();
    await stored.append(ref, 3);
    const requests = stored.countRequests();
    const first = loader.load(ref);
    await stored.append(ref, 1);
    const others = Array.from({ length: 20 }, () => loader.load(ref));
    expect((await first).version).toBeGreaterThanOrEqual(3);
    for (const loaded of await Promise.all(others)) expect(loaded.version).toBe(4);
    expect(requests()).toBeLessThanOrEqual(3);
  });

  it('reads an aggregate anew when its tail takes data back', async () => {
    const loader = new AggregateLoader(stored.aggregates, CACHE_BYTES);
    const ref = order();
    await stored.append(ref, 3);
    const before = await loader.load(ref);
    await stored.append(ref, [{ type: 'annals.event.redacted', data: { version: 2 } }]);
    const after = await loader.load(ref);
    expect(after.version).toBe(4);
    expect(after.events[0]).not.toBe(before.events[0]);
  });

  it('keeps no more bytes than it may', async () => {
    const loader = new AggregateLoader(stored.aggregates, 20_000);
    const refs = Array.from({ length: 10 }, order);
    for (const ref of refs) {
      await stored.append(ref, 10);
      await loader.load(ref);
    }
    const firstAgain = await loader.load(refs[0]!);
    expect(firstAgain.version).toBe(10);
    const last = await loader.load(refs[9]!);
    expect((await loader.load(refs[9]!)).events).toBe(last.events);

    const tooLarge = order();
    await stored.append(tooLarge, 100);
    expect((await loader.load(tooLarge)).events).not.toBe((await loader.load(tooLarge)).events);
  });

  it('keeps nothing when it is turned off', async () => {
    const loader = new AggregateLoader(stored.aggregates, 0);
    const ref = order();
    await stored.append(ref, 2);
    expect((await loader.load(ref)).events).not.toBe((await loader.load(ref)).events);
  });

  it.each([
    [10, 11],
    [10_000, 10_001],
  ])('refuses more than %s events of an aggregate of %s, read or remembered', async (maxEvents, size) => {
    const loader = new AggregateLoader(stored.aggregates, 64 * CACHE_BYTES);
    const ref = order();
    await stored.append(ref, size);
    const tooLarge = { code: 'result-too-large', limit: maxEvents };
    await expect(loader.load(ref, { maxEvents })).rejects.toMatchObject(tooLarge);
    expect((await loader.load(ref, { maxEvents: size })).version).toBe(size);
    await expect(loader.load(ref, { maxEvents })).rejects.toMatchObject(tooLarge);
  });

  it('refuses a limit that is none', async () => {
    const loader = new AggregateLoader(stored.aggregates, 0);
    for (const maxEvents of [0, -1, 1.5, NaN]) {
      await expect(loader.load(order(), { maxEvents })).rejects.toMatchObject({ errors: [{ path: 'maxEvents' }] });
    }
  });
});

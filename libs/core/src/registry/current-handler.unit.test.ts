import { describe, expect, it, jest } from '@jest/globals';
import type { RecordedEvent } from '../event/event-message.ts';
import type { EventHandler, HandlerContext } from '../subscribe/event-handler.ts';
import { SubscriptionEnded } from '../subscribe/subscription-ended.ts';
import { splitInto } from '../upcast/migration.ts';
import { currentHandler } from './current-handler.ts';
import { EventRegistry } from './event-registry.ts';

function stored(type: string, data: unknown): RecordedEvent {
  const position = { stream: 'EVENTS', sequence: 1 };
  const time = '2026-01-01T00:00:00Z';
  return {
    type,
    data,
    position,
    messageId: 'm1',
    tenantId: 'default',
    timestamp: time,
    recordedAt: time,
    schemaVersion: 1,
  };
}

function filled(): EventRegistry {
  return new EventRegistry()
    .registerMigration('moved', 1, 2, () => splitInto({ data: 1 }, { data: 2 }, { data: 3 }))
    .registerMigration('pinged', 1, 2, () => splitInto())
    .registerMigration('broken', 1, 2, () => {
      throw new RangeError('what is this');
    });
}

const context = (): HandlerContext => ({
  subscription: 's',
  attempt: 1,
  position: { stream: 'EVENTS', sequence: 1 },
  cause: 'subscription',
  signal: new AbortController().signal,
  extend() {},
  retry() {},
  deadLetter: jest.fn(),
});

describe('a handler behind a registry', () => {
  it('is synchronous where the handler is', () => {
    const handler = currentHandler(filled().seal(), ({ data }) => data);
    expect(handler(stored('other', 7), context())).toBe(7);
    expect(handler(stored('moved', 7), context())).toBeUndefined();
  });

  it('gets the parts of an event one after the other, and none of an event that became none', async () => {
    const seen: unknown[] = [];
    const slowly: EventHandler = async ({ data }) => {
      seen.push(`begin ${String(data)}`);
      await Promise.resolve();
      seen.push(`end ${String(data)}`);
    };
    const handler = currentHandler(filled().seal(), slowly);
    await handler(stored('moved', 0), context());
    expect(seen).toEqual(['begin 1', 'end 1', 'begin 2', 'end 2', 'begin 3', 'end 3']);
    expect(handler(stored('pinged', 0), context())).toBeUndefined();
    expect(seen.length).toBe(6);
  });

  it('gets no further parts when one failed', async () => {
    const seen: unknown[] = [];
    const failing: EventHandler = async ({ data }) => {
      seen.push(data);
      if (data === 2) throw new Error('not 2');
    };
    await expect(currentHandler(filled().seal(), failing)(stored('moved', 0), context())).rejects.toThrow('not 2');
    expect(seen).toEqual([1, 2]);
  });

  it('has what cannot be migrated made a dead letter at once, unless it is to stop', () => {
    const registry = filled().seal();
    const told = context();
    const handler = jest.fn();
    expect(() => currentHandler(registry, handler)(stored('broken', 0), told)).toThrow(/what is this/);
    expect(told.deadLetter).toHaveBeenCalledWith(expect.stringContaining('what is this'));

    const stopping = context();
    expect(() => currentHandler(registry, handler, 'stop')(stored('broken', 0), stopping)).toThrow(SubscriptionEnded);
    expect(stopping.deadLetter).not.toHaveBeenCalled();
    expect(handler).not.toHaveBeenCalled();
  });

  it('waits until the registry is sealed, and goes by all that it holds then', async () => {
    const registry = new EventRegistry();
    const seen: unknown[] = [];
    const handling = currentHandler(registry, ({ data }) => void seen.push(data))(stored('named', 'old'), context());
    await Promise.resolve();
    expect(seen).toEqual([]);
    registry.registerMigration('named', 1, 2, () => 'new').seal();
    await handling;
    expect(seen).toEqual(['new']);
  });

  it('ends the subscription when the registry cannot be sealed', async () => {
    const registry = new EventRegistry().add({ named: { version: 2 } });
    const handler = jest.fn();
    const handling = currentHandler(registry, handler)(stored('named', 'old'), context());
    expect(() => registry.seal()).toThrow(/gap/);
    await expect(handling).rejects.toBeInstanceOf(SubscriptionEnded);
    expect(handler).not.toHaveBeenCalled();
  });
});

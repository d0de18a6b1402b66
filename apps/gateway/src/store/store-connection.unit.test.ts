import { type EventStore, StoreUnavailable, ValidationError } from '@annals/core';
import { createInMemoryStore, eventually } from '@annals/testing';
import { pino } from 'pino';
import { StoreConnection } from './store-connection.ts';

const logger = pino({ level: 'silent' });

describe('the connection to the store', () => {
  it('fails until the store is open, then is the store', async () => {
    const store = createInMemoryStore();
    const connection = new StoreConnection(() => Promise.resolve(store), { logger });
    expect(() => connection.store).toThrow(expect.objectContaining({ code: 'store-unavailable' }));
    connection.start();
    await eventually(() => connection.status().then(({ state }) => state === 'ready'));
    expect(connection.store).toBe(store);
    await connection.close();
    expect((await store.status()).state).toBe('closed');
  });

  it('gives up at once on what trying again cannot help with', async () => {
    const failure = new ValidationError([{ path: 'replicas', message: 'must be 1 to 5' }]);
    let attempts = 0;
    const seen: Error[] = [];
    const open = (): Promise<EventStore> => {
      attempts++;
      return Promise.reject(failure);
    };
    const connection = new StoreConnection(open, { logger, onFatal: (error) => void seen.push(error) });
    connection.start();
    await eventually(() => seen.length > 0);
    expect(seen).toEqual([failure]);
    expect(attempts).toBe(1);
    expect(() => connection.store).toThrow(failure);
    await connection.close();
  });

  it('ends its attempts when it is closed, and says so', async () => {
    let attempts = 0;
    const open = (): Promise<EventStore> => {
      attempts++;
      return Promise.reject(new StoreUnavailable('gone'));
    };
    const connection = new StoreConnection(open, { logger });
    connection.start();
    await eventually(() => attempts > 0);
    await connection.close();
    const after = attempts;
    expect(() => connection.store).toThrow(expect.objectContaining({ code: 'store-closed' }));
    expect((await connection.status()).state).toBe('closed');
    expect(attempts).toBe(after);
  });

  it('closes a store that was being opened when it was closed', async () => {
    const store = createInMemoryStore();
    let opened = (_: EventStore): void => {};
    const connection = new StoreConnection(() => new Promise((resolve) => void (opened = resolve)), { logger });
    connection.start();
    const closing = connection.close();
    opened(store);
    await closing;
    expect((await store.status()).state).toBe('closed');
  });

  it('takes failures that are none of the store for a store that cannot be reached', async () => {
    const connection = new StoreConnection(() => Promise.reject(new TypeError('odd')), { logger });
    connection.start();
    await eventually(async () => (await connection.status()).reason?.includes('odd'));
    expect(() => connection.store).toThrow(expect.objectContaining({ code: 'store-unavailable' }));
    await connection.close();
  });
});

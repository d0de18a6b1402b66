// The snippets of docs/guides/retention.md: each region stands there word for word.
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type EventStore, type Logger, silentLogger } from '@annals/core';
import { type TestNatsServer, startNatsServer } from '@annals/testing';
import { openJetStreamStore } from '../index.ts';
import { page, regions, snippets } from './snippets.spec-support.ts';

let server: TestNatsServer;
let servers: string;
const stores: EventStore[] = [];

beforeAll(async () => {
  server = await startNatsServer();
  servers = server.url;
});

afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
});

afterAll(async () => {
  await server?.stop();
});

describe('docs/guides/retention.md', () => {
  it('shows code that this test runs, all of it and no other', () => {
    expect(snippets(page('guides/retention.md'))).toEqual(regions(new URL(import.meta.url)));
  });

  it('opens a store that keeps events for so many days, and reads from it', async () => {
    // #region open
    const store = await openJetStreamStore({ servers, retention: { days: 90 } });
    // #endregion
    stores.push(store);
    await store.append({ type: 'user', id: 'ada' }, { type: 'user.created', data: {} });

    // #region read
    const { version, events, retainedFromVersion } = await store.load({ type: 'user', id: 'ada' });
    // #endregion
    expect([version, events.length, retainedFromVersion]).toEqual([1, 1, undefined]);
  });

  it('sweeps with a logger and an interval of its own', async () => {
    const logger: Logger = silentLogger;
    // #region by-hand
    const sweeping = await openJetStreamStore({ servers, retention: { days: 90, everyMs: 60_000 }, logger });
    // #endregion
    stores.push(sweeping);
    expect((await sweeping.status()).state).toBe('ready');
  });
});

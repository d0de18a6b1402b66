// The snippets of docs/guides/failing-handlers.md: each region stands there word for word.
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { EventStore, NewEvent } from '@annals/core';
import { type TestNatsServer, eventually, startNatsServer } from '@annals/testing';
import { openJetStreamStore } from '../index.ts';
import { page, regions, snippets } from './snippets.spec-support.ts';

let server: TestNatsServer;
let store: EventStore;

beforeAll(async () => {
  server = await startNatsServer();
  store = await openJetStreamStore({ servers: server.url });
});

afterAll(async () => {
  await store?.close();
  await server?.stop();
});

function order(data: object): NewEvent {
  return { type: 'order.placed', data };
}

describe('docs/guides/failing-handlers.md', () => {
  it('shows code that this test runs, all of it and no other', () => {
    expect(snippets(page('guides/failing-handlers.md'))).toEqual(regions(new URL(import.meta.url)));
  });

  it('gives up on what cannot be charged, has it handled again, and purges the rest', async () => {
    let isBusy = true;
    const charged: [string, number][] = [];
    const charge = (account: string, total: number, _signal: AbortSignal): Promise<'done' | 'busy'> => {
      if (isBusy) {
        isBusy = false;
        return Promise.resolve('busy');
      }
      charged.push([account, total]);
      return Promise.resolve('done');
    };
    const told = jest.spyOn(console, 'log').mockImplementation(() => {});

    // #region subscribe
    const active = await store.subscriptions.subscribe(
      {
        name: 'billing',
        filter: { eventTypes: ['order.*'] },
        maxDeliver: 4,
        backoffMs: [1_000, 10_000, 60_000],
      },
      async (event, context) => {
        const { account, total } = event.data as { account?: string; total: number };
        if (account === undefined) return context.deadLetter('the order names no account');
        const outcome = await charge(account, total, context.signal);
        if (outcome === 'busy') return context.retry({ delayMs: 250, reason: 'the bank is busy' });
      },
    );
    // #endregion
    await store.append({ type: 'order', id: '1' }, [order({ account: 'ada', total: 3 })]);
    await store.append({ type: 'order', id: '2' }, [order({ total: 5 }), order({ total: 7 })]);
    await eventually(() => active.counts.deadLettered === 2 && charged.length === 1);
    expect(active.counts).toMatchObject({ handled: 1, retried: 1, deadLettered: 2 });

    // #region look
    const { letters, nextCursor } = await store.deadLetters.list({ subscription: 'billing', kinds: ['rejected'] });
    for (const { id, reason, event } of letters) console.log(id, reason, event?.data);
    const [first] = letters;
    const letter = await store.deadLetters.get(first!.id); // 'billing/EVENTS/17'
    const waiting = await store.deadLetters.count({ subscription: 'billing' });
    // #endregion
    expect([letters.length, nextCursor, waiting]).toEqual([2, undefined, 2]);
    expect(letter).toMatchObject({ kind: 'rejected', reason: 'the order names no account', attempts: 1 });
    expect(told.mock.calls).toContainEqual(['billing/EVENTS/2', 'the order names no account', { total: 5 }]);

    // #region redrive
    const result = await store.deadLetters.redrive({ subscription: 'billing' }, { ratePerSecond: 50 });
    console.log(`${result.matched} letters, ${result.redriven} wait now, ${result.orphaned} without subscription`);
    // #endregion
    expect(told.mock.calls.at(-1)).toEqual(['2 letters, 2 wait now, 0 without subscription']);
    await eventually(async () => {
      const again = await store.deadLetters.list();
      return again.letters.length === 2 && again.letters.every(({ redrives }) => redrives === 1);
    });

    // #region purge
    const purged = await store.deadLetters.purge({ subscription: 'billing', deadLetteredTo: '2024-01-01T00:00:00Z' });
    // #endregion
    expect(purged).toBe(0);
    expect(await store.deadLetters.purge({ subscription: 'billing' })).toBe(2);
    told.mockRestore();
    await active.stop();
  });
});

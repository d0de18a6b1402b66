import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EventStore } from '@annals/core';
import { type TestNatsCluster, eventually, startNatsCluster } from '@annals/testing';
import { type NatsConnection, connect } from '@nats-io/transport-node';
import { openJetStreamStore } from '../../store/open-jetstream-store.ts';

const APPENDED = 60;

let cluster: TestNatsCluster;
let nc: NatsConnection;
let store: EventStore;

beforeAll(async () => {
  cluster = await startNatsCluster();
  nc = await connect({ servers: [...cluster.urls] });
  store = await openJetStreamStore({ servers: cluster.urls, replicas: 3 });
}, 60_000);

afterAll(async () => {
  await store?.close();
  await nc?.close();
  await cluster?.stop();
}, 60_000);

describe('a subscription of a cluster', () => {
  it.each(['shared', 'ordered'] as const)(
    'goes on when the leaders of its consumer and its stream change, in mode %s',
    async (mode) => {
      const tenantId = mode;
      const name = `led-${mode}`;
      const seen: number[] = [];
      const append = (from: number) =>
        store.append(
          { tenantId, type: 'order', id: '1' },
          Array.from({ length: APPENDED }, (_, i) => ({ type: 'order.changed', data: { n: from + i } })),
        );
      await append(1);
      const active = await store.subscriptions.subscribe({ name, filter: { tenantId }, mode }, ({ data }) => {
        seen.push((data as { n: number }).n);
      });
      await eventually(() => new Set(seen).size === APPENDED);
      let appended = APPENDED;
      for (const subject of [`CONSUMER.LEADER.STEPDOWN.EVENTS.sub-${name}`, 'STREAM.LEADER.STEPDOWN.EVENTS']) {
        const reply = await nc.request(`$JS.API.${subject}`);
        expect(reply.json<{ success?: boolean }>().success).toBe(true);
        await eventually(async () => (await append(appended + 1)).events.length, { deadlineMs: 20_000 });
        appended += APPENDED;
        await eventually(() => new Set(seen).size === appended, { deadlineMs: 30_000 });
      }
      if (mode === 'ordered') {
        let highest = 0;
        for (const n of seen) {
          expect(n).toBeLessThanOrEqual(highest + 1);
          highest = Math.max(highest, n);
        }
      }
      await eventually(() => active.state === 'active' && active.counts.inHand === 0);
      await active.stop();
    },
    90_000,
  );
});

import { startNatsServer, type TestNatsServer } from '@annals/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openAnnals } from '../annals/open-annals.ts';
import type { Place } from '../place/place.ts';
import { fillStore } from '../task/fill-store.ts';
import { runTask } from '../task/run-task.ts';
import { openSubscriber, type SubscriberName } from './open-subscriber.ts';

const FILL = { aggregates: 30, eventsPerAggregate: 10, large: 0 };
const NAMES: readonly SubscriberName[] = ['shared', 'ordered', 'raw', 'raw-parsed', 'raw-acked'];

let server: TestNatsServer;
let place: Place;

beforeAll(async () => {
  server = await startNatsServer();
  place = { natsUrls: [server.url], replicas: 1, postgresPool: 1 };
  const contender = await openAnnals(place, false);
  await fillStore(contender, FILL, () => {});
  await contender.close();
});

afterAll(() => server?.stop());

describe.each(NAMES)('the subscriber %s', (by) => {
  it('is handed all events of the library’s stream each time, and leaves nothing unsettled', async () => {
    const subscriber = await openSubscriber(by, place);
    try {
      const run = { limit: { seconds: 20, operations: 2 }, label: by, fill: FILL };
      const result = await runTask({ subscriber }, { kind: 'subscribe', by, handlerMs: 0 }, run);
      expect(result).toMatchObject({ operations: 2, events: 600 });
      const other = { ...run, label: `${by}-other`, fill: { ...FILL, aggregates: 29 } };
      await expect(runTask({ subscriber }, { kind: 'subscribe', by, handlerMs: 0 }, other)).rejects.toThrow(
        'A subscription: found',
      );
    } finally {
      await subscriber.close();
    }
  });
});

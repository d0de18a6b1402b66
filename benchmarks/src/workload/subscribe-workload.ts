import type { SubscriberName } from '../subscribe/open-subscriber.ts';
import type { Fill } from '../task/task.ts';
import type { Scale } from './scale.ts';
import type { Entrant, Workload } from './workload.ts';

/** What a slow handler waits with each event. */
const SLOW_MS = 20;

/** After that the server's time for an event stays the same (nats-server 2.15.1: 3.4 µs instead of 2.4 for the raw client). */
const REST_SECONDS = 15;

/** The library's subscriptions beside the JetStream client's `consume`, all on one stream. */
export function subscribeWorkload(scale: Scale): Workload {
  const fill: Fill = { aggregates: scale.aggregates.subscribed, eventsPerAggregate: 10, large: 0 };
  const entrant = (name: string, by: SubscriberName, handlerMs = 0): Entrant => ({
    name,
    contender: 'stream',
    task: { kind: 'subscribe', by, handlerMs },
    fill,
    ...(name !== 'raw' && { beside: 'raw' }),
  });
  return {
    name: 'subscribe',
    title: `subscription to ${(fill.aggregates * fill.eventsPerAggregate).toLocaleString('en')} events`,
    description: `All on one stream of the library, each time from the first event to the last, by handlers that do nothing. \`raw\` is the client's \`consume\` with its default options on a consumer that wants no acknowledgements, bodies not parsed; \`raw-parsed\` parses them, \`raw-acked\` acknowledges each event as well, as whoever wants it at least once must. \`annals\` is a shared subscription with its defaults: events checked and parsed, each acknowledged; \`annals-ordered\` an ordered one. The handler of \`annals-slow\` takes ${SLOW_MS} ms, for as long as a round takes. The stream was filled ${REST_SECONDS} s before, so that the server no longer has it in memory as it was written.`,
    modes: ['r1'],
    restSeconds: scale.quick ? 0 : REST_SECONDS,
    entrants: () => [
      entrant('raw', 'raw'),
      entrant('annals', 'shared'),
      entrant('raw-parsed', 'raw-parsed'),
      entrant('raw-acked', 'raw-acked'),
      entrant('annals-ordered', 'ordered'),
      entrant('annals-slow', 'shared', SLOW_MS),
    ],
  };
}

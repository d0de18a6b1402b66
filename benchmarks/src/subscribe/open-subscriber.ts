import { openStore } from '../annals/open-annals.ts';
import type { Place } from '../place/place.ts';
import { openRawSubscriber } from './raw-subscriber.ts';
import { StoreSubscriber } from './store-subscriber.ts';
import type { Subscriber } from './subscriber.ts';

/** Who is handed the events: the library in one of its modes, or the JetStream client by itself. */
export type SubscriberName = 'shared' | 'ordered' | 'raw' | 'raw-parsed' | 'raw-acked';

const OPENERS: Readonly<Record<SubscriberName, (place: Place) => Promise<Subscriber>>> = {
  shared: async (place) => new StoreSubscriber(await openStore(place), 'shared'),
  ordered: async (place) => new StoreSubscriber(await openStore(place), 'ordered'),
  raw: (place) => openRawSubscriber(place, 'count'),
  'raw-parsed': (place) => openRawSubscriber(place, 'parse'),
  'raw-acked': (place) => openRawSubscriber(place, 'parse-and-ack'),
};

/** Connects a subscriber to the library's stream. */
export function openSubscriber(name: SubscriberName, place: Place): Promise<Subscriber> {
  return OPENERS[name](place);
}

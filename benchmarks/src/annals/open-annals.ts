import type { EventStore } from '@annals/core';
import { openJetStreamStore } from '@annals/jetstream';
import type { Contender } from '../contender/contender.ts';
import type { Place } from '../place/place.ts';
import { StoreContender } from './store-contender.ts';

/** Opens the library's store with its defaults. */
export function openStore({ natsUrls, replicas }: Place): Promise<EventStore> {
  return openJetStreamStore({
    servers: natsUrls,
    replicas,
    // The first server leads the stream, for the raw client too: which one is reached must not be left to chance.
    connectionOptions: { noRandomize: true },
  });
}

/** The library as a contender. */
export async function openAnnals(place: Place, cached: boolean): Promise<Contender> {
  return new StoreContender(await openStore(place), cached);
}

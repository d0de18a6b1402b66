import { openJetStreamStore } from '@annals/jetstream';
import type { Contender } from '../contender/contender.ts';
import type { Place } from '../place/place.ts';
import { StoreContender } from './store-contender.ts';

/** Opens the library's store with its defaults. */
export async function openAnnals({ natsUrls, replicas }: Place, cached: boolean): Promise<Contender> {
  const store = await openJetStreamStore({
    servers: natsUrls,
    replicas,
    // The first server leads the stream, for the raw client too: which one is reached must not be left to chance.
    connectionOptions: { noRandomize: true },
  });
  return new StoreContender(store, cached);
}

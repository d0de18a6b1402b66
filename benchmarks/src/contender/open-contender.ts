import { openAnnals } from '../annals/open-annals.ts';
import type { Place } from '../place/place.ts';
import { openPostgres } from '../postgres/postgres-contender.ts';
import { openRaw } from '../raw/raw-contender.ts';
import type { Contender } from './contender.ts';

/** What is compared; `annals-cached` reads through the store's cache. */
export type ContenderName = 'raw' | 'annals' | 'annals-cached' | 'postgres';

const OPENERS: Readonly<Record<ContenderName, (place: Place) => Promise<Contender>>> = {
  raw: openRaw,
  annals: (place) => openAnnals(place, false),
  'annals-cached': (place) => openAnnals(place, true),
  postgres: openPostgres,
};

/** Connects a contender and makes what it stores in. */
export function openContender(name: ContenderName, place: Place): Promise<Contender> {
  return OPENERS[name](place);
}

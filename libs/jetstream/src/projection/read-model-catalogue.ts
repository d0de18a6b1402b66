import { StoreUnavailable } from '@annals/core';
import { type Bucket, CONFLICT } from '../bucket/bucket.ts';
import { catalogueKey } from './read-model-names.ts';

/** The generations of one projection's documents. */
export interface Catalogue {
  /** The highest number that was ever used. */
  readonly last: number;
  readonly live: number;
  readonly generations: readonly { readonly number: number; readonly version: number }[];
  /** Generations whose documents are to be removed, or are just being. */
  readonly dropped: readonly number[];
}

const EMPTY: Catalogue = { last: 0, live: 0, generations: [], dropped: [] };
const MAX_TRIES = 20;

/** All methods throw StoreUnavailable. */
export class Catalogues {
  constructor(
    private readonly bucket: Bucket,
    private readonly store: string,
  ) {}

  async get(name: string): Promise<Catalogue> {
    return (await this.read(name)).catalogue;
  }

  /** Changes it, whoever else does so at the same time. @param change undefined leaves it */
  async change(name: string, change: (catalogue: Catalogue) => Catalogue | undefined): Promise<Catalogue> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const { catalogue, revision } = await this.read(name);
      const changed = change(catalogue);
      if (!changed) return catalogue;
      const written = await this.bucket.put(catalogueKey(this.store, name), JSON.stringify(changed), revision);
      if (written !== CONFLICT) return changed;
    }
    throw new StoreUnavailable(`the generations of projection ${name} are being changed by others all the time`);
  }

  private async read(name: string): Promise<{ readonly catalogue: Catalogue; readonly revision: number }> {
    const entry = await this.bucket.get(catalogueKey(this.store, name));
    if (!entry) return { catalogue: EMPTY, revision: 0 };
    return { catalogue: JSON.parse(Buffer.from(entry.value).toString()) as Catalogue, revision: entry.revision };
  }
}

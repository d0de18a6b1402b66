import {
  type ProjectionRecords,
  type ProjectionTurn,
  type PublishedProjection,
  StoreUnavailable,
  type WantedProjection,
} from '@annals/core';
import { type Bucket, CONFLICT } from '../bucket/bucket.ts';
import { Lease } from '../bucket/lease.ts';
import { nameInKey, publishedFilter, publishedKey, turnKey, wantedKey } from './projection-names.ts';

/** Another process takes over this long after one died, and a look later. */
const TURN = { seconds: 5, renewMs: 1_500 } as const;
const MAX_TRIES = 20;
const NOTHING_WANTED: WantedProjection = { paused: false };

/** What is known of one store's projections, in their bucket. All methods throw StoreUnavailable. */
export class KvProjectionRecords implements ProjectionRecords {
  constructor(
    private readonly bucket: Bucket,
    private readonly store: string,
  ) {}

  takeTurn(name: string): Promise<ProjectionTurn | undefined> {
    return Lease.take(this.bucket, turnKey(this.store, name), TURN);
  }

  async isRun(name: string): Promise<boolean> {
    return (await this.bucket.get(turnKey(this.store, name))) !== undefined;
  }

  async names(): Promise<readonly string[]> {
    // A projection that was just forgotten may be among them: nothing is published of it.
    return (await this.bucket.keysAndMarkers(publishedFilter(this.store))).map(nameInKey).sort();
  }

  async published(name: string): Promise<PublishedProjection | undefined> {
    const entry = await this.bucket.get(publishedKey(this.store, name));
    return entry && (JSON.parse(Buffer.from(entry.value).toString()) as PublishedProjection);
  }

  async publish(published: PublishedProjection): Promise<void> {
    const key = publishedKey(this.store, published.status.name);
    await this.replace(key, () => published);
  }

  async wanted(name: string): Promise<WantedProjection> {
    const entry = await this.bucket.get(wantedKey(this.store, name));
    return entry ? (JSON.parse(Buffer.from(entry.value).toString()) as WantedProjection) : NOTHING_WANTED;
  }

  async want(name: string, change: (wanted: WantedProjection) => WantedProjection): Promise<void> {
    await this.replace<WantedProjection>(wantedKey(this.store, name), (last) => change(last ?? NOTHING_WANTED));
  }

  async forget(name: string): Promise<void> {
    await this.bucket.remove(wantedKey(this.store, name));
    await this.bucket.remove(publishedKey(this.store, name));
  }

  private async replace<T>(key: string, change: (last: T | undefined) => T): Promise<void> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const entry = await this.bucket.get(key);
      const last = entry && (JSON.parse(Buffer.from(entry.value).toString()) as T);
      const written = await this.bucket.put(key, JSON.stringify(change(last)), entry?.revision ?? 0);
      if (written !== CONFLICT) return;
    }
    throw new StoreUnavailable('a projection is being changed by others all the time');
  }
}

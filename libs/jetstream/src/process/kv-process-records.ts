import {
  type FoundInstance,
  type InstanceRef,
  type KeptInstance,
  type Position,
  type ProcessRecords,
  type ProcessTurn,
  type PublishedProcess,
  StoreUnavailable,
} from '@annals/core';
import { type Bucket, CONFLICT } from '../bucket/bucket.ts';
import { Lease } from '../bucket/lease.ts';
import { nameInKey } from '../projection/projection-names.ts';
import {
  checkpointKey,
  instanceFilter,
  liveKey,
  overKey,
  placeInKey,
  publishedFilter,
  publishedKey,
  refOfPlace,
  turnKey,
} from './process-names.ts';

/** Another replica takes over this long after one died, and a look later. */
const TURN = { seconds: 5, renewMs: 1_500 } as const;
const MAX_TRIES = 20;

/** What is known of one store's process managers, in their bucket. All methods throw StoreUnavailable. */
export class KvProcessRecords implements ProcessRecords {
  constructor(
    private readonly bucket: Bucket,
    private readonly store: string,
  ) {}

  takeTurn(process: string): Promise<ProcessTurn | undefined> {
    return Lease.take(this.bucket, turnKey(this.store, process), TURN);
  }

  async isRun(process: string): Promise<boolean> {
    return (await this.bucket.get(turnKey(this.store, process))) !== undefined;
  }

  async begin(process: string, checkpoint: readonly Position[]): Promise<void> {
    // Another replica may have set it before.
    await this.bucket.put(checkpointKey(this.store, process), JSON.stringify(checkpoint), 0);
  }

  async checkpoint(process: string): Promise<readonly Position[] | undefined> {
    return (await this.read<readonly Position[]>(checkpointKey(this.store, process)))?.value;
  }

  saveCheckpoint(process: string, checkpoint: readonly Position[]): Promise<void> {
    return this.replace(checkpointKey(this.store, process), checkpoint);
  }

  publish(published: PublishedProcess): Promise<void> {
    return this.replace(publishedKey(this.store, published.name), published);
  }

  async published(process: string): Promise<PublishedProcess | undefined> {
    return (await this.read<PublishedProcess>(publishedKey(this.store, process)))?.value;
  }

  async names(): Promise<readonly string[]> {
    return (await this.bucket.keys(publishedFilter(this.store))).map(nameInKey).sort();
  }

  async find(process: string, ref: InstanceRef): Promise<FoundInstance | undefined> {
    // In this order: an instance is put where it is kept before it is removed from where it was.
    for (const key of [liveKey(this.store, process, ref), overKey(this.store, process, ref)]) {
      const found = await this.read<KeptInstance>(key);
      if (found) return { instance: found.value, revision: found.revision };
    }
    return undefined;
  }

  async put(process: string, instance: KeptInstance, revision: number): Promise<boolean> {
    const key = liveKey(this.store, process, instance);
    return (await this.bucket.put(key, JSON.stringify(instance), revision)) !== CONFLICT;
  }

  async archive(process: string, instance: KeptInstance): Promise<void> {
    const seconds = Math.max(1, Math.ceil(instance.keepMs / 1_000));
    // One that is there already is the same: nothing changes an instance that is over and settled.
    await this.bucket.put(overKey(this.store, process, instance), JSON.stringify(instance), 0, seconds);
    await this.bucket.remove(liveKey(this.store, process, instance));
  }

  async active(process: string): Promise<readonly InstanceRef[]> {
    const keys = await this.bucket.keysAndMarkers(instanceFilter('live', this.store, process));
    return keys.map((key) => refOfPlace(placeInKey(key)));
  }

  async *list(process: string, after: string | undefined): ReturnType<ProcessRecords['list']> {
    const kinds = ['live', 'over'] as const;
    const keys = await Promise.all(
      kinds.map((kind) => this.bucket.keysAndMarkers(instanceFilter(kind, this.store, process))),
    );
    const places = [...new Set(keys.flat().map(placeInKey))].sort();
    for (const place of places) {
      if (after === undefined || place > after) yield { place, ref: refOfPlace(place) };
    }
  }

  private async read<T>(key: string): Promise<{ readonly value: T; readonly revision: number } | undefined> {
    const entry = await this.bucket.get(key);
    return entry && { value: JSON.parse(Buffer.from(entry.value).toString()) as T, revision: entry.revision };
  }

  private async replace(key: string, value: unknown): Promise<void> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const entry = await this.bucket.get(key);
      if ((await this.bucket.put(key, JSON.stringify(value), entry?.revision ?? 0)) !== CONFLICT) return;
    }
    throw new StoreUnavailable('what is known of a process is being changed by others all the time');
  }
}

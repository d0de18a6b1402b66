import {
  type Checkpoint,
  CheckpointMoved,
  type DocumentContext,
  DocumentChanges,
  type DocumentSink,
  type Generation,
  type ReadModel,
  StoreUnavailable,
  checkDocumentKey,
  sameCheckpoint,
} from '@annals/core';
import type { JetStreamManager } from '@nats-io/jetstream';
import { LRUCache } from 'lru-cache';
import { CommitSender } from '../append/commit-sender.ts';
import { Bucket } from '../bucket/bucket.ts';
import type { RequestChannel } from '../connection/request-channel.ts';
import { unavailable } from '../error/unavailable.ts';
import { documentMessages, holdWithinLimits } from './document-messages.ts';
import { Catalogues } from './read-model-catalogue.ts';
import {
  READ_MODEL_BUCKET,
  READ_MODEL_STREAM,
  checkpointKey,
  documentKey,
  generationFilter,
} from './read-model-names.ts';

export interface KvDocumentsOptions {
  readonly jsm: JetStreamManager;
  readonly channel: RequestChannel;
  /** Name of the default stream. */
  readonly store: string;
  readonly replicas: number;
}

interface KeptCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly revision: number;
}

/** Documents that were read or written last, of all generations: what this process wrote nobody else has changed. */
const MAX_CACHED = 20_000;
const ABSENT = '';

/**
 * Documents in a KV bucket. What a batch of events changes and the checkpoint are one atomic batch (ADR-50), whose last
 * message expects the checkpoint to be as it was: all of it is kept, once, or nothing.
 */
export class KvDocuments implements DocumentSink {
  private readonly bucket: Bucket;
  private readonly catalogues: Catalogues;
  private readonly sender: CommitSender;
  private readonly checkpoints = new Map<string, KeptCheckpoint>();
  private readonly cache = new LRUCache<string, string>({ max: MAX_CACHED });
  private prepared: Promise<void> | undefined;

  constructor(private readonly options: KvDocumentsOptions) {
    const { channel, store, replicas } = options;
    this.bucket = new Bucket(channel.nc, READ_MODEL_BUCKET, { replicas, description: 'Annals: read models' });
    this.catalogues = new Catalogues(this.bucket, store);
    this.sender = new CommitSender(channel, channel.defaultTimeoutMs);
  }

  async generations(name: string): Promise<readonly Generation[]> {
    const { generations, live } = await this.catalogues.get(name);
    const kept = await Promise.all(generations.map(({ number }) => this.keptCheckpoint(name, number)));
    return generations.flatMap(({ number, version }, i) => {
      const checkpoint = kept[i]?.checkpoint;
      // Another process is just removing it.
      return checkpoint ? [{ number, version, live: number === live, checkpoint }] : [];
    });
  }

  async begin(name: string, version: number): Promise<Generation> {
    const { last: number } = await this.catalogues.change(name, (catalogue) => ({
      ...catalogue,
      last: catalogue.last + 1,
    }));
    await this.bucket.put(this.checkpointKey(name, number), '[]', 0);
    await this.prepare();
    // Listed last: whoever sees it finds its checkpoint.
    const { live } = await this.catalogues.change(name, ({ last, live, generations, dropped }) => ({
      last,
      live: generations.length === 0 ? number : live,
      generations: [...generations, { number, version }],
      dropped,
    }));
    return { number, version, live: live === number, checkpoint: [] };
  }

  async commit(
    name: string,
    generation: number,
    from: Checkpoint,
    to: Checkpoint,
    work: (context: DocumentContext) => Promise<void>,
  ): Promise<void> {
    await this.prepare();
    const key = this.checkpointKey(name, generation);
    const kept = this.checkpoints.get(key) ?? (await this.keptCheckpoint(name, generation));
    if (!kept || !sameCheckpoint(kept.checkpoint, from)) throw this.moved(name, generation);
    const keyOf = (document: string): string => documentKey(this.options.store, name, generation, document);
    const { maxPayloadBytes } = this.options.channel;
    const changes = new DocumentChanges(
      (document) => this.cached(keyOf(document)),
      (changed, key) => holdWithinLimits(changed, key, maxPayloadBytes),
    );
    await work(changes);
    const messages = documentMessages(changes.changed, keyOf, { key, checkpoint: to, revision: kept.revision });
    const revision = await this.send(messages, name, generation);
    this.checkpoints.set(key, { checkpoint: to, revision });
    for (const [document, json] of changes.changed) this.cache.set(keyOf(document), json ?? ABSENT);
  }

  async promote(name: string, generation: number): Promise<void> {
    const { generations } = await this.catalogues.get(name);
    if (!generations.some(({ number }) => number === generation)) throw this.moved(name, generation);
    await this.catalogues.change(name, (catalogue) => ({
      ...catalogue,
      live: generation,
      generations: catalogue.generations.filter(({ number }) => number === generation),
      dropped: [
        ...catalogue.dropped,
        ...catalogue.generations.map(({ number }) => number).filter((number) => number !== generation),
      ],
    }));
    await this.sweep(name);
  }

  async drop(name: string, generation: number): Promise<void> {
    await this.catalogues.change(name, (catalogue) => {
      const generations = catalogue.generations.filter(({ number }) => number !== generation);
      if (generations.length === catalogue.generations.length) return undefined;
      return { ...catalogue, generations, dropped: [...catalogue.dropped, generation] };
    });
    await this.sweep(name);
  }

  readModel<T = unknown>(name: string): ReadModel<T> {
    const { store } = this.options;
    return {
      get: async (key) => {
        checkDocumentKey(key);
        for (let live = (await this.catalogues.get(name)).live; ;) {
          const entry = await this.bucket.get(documentKey(store, name, live, key));
          if (entry) return JSON.parse(Buffer.from(entry.value).toString()) as T;
          // It may have been removed with its generation since.
          const now = (await this.catalogues.get(name)).live;
          if (now === live) return undefined;
          live = now;
        }
      },
    };
  }

  /** Removes what dropped generations hold; what a crash left is removed by the next that sweeps. */
  private async sweep(name: string): Promise<void> {
    const { jsm, store } = this.options;
    const { dropped } = await this.catalogues.get(name);
    for (const generation of dropped) {
      const key = this.checkpointKey(name, generation);
      // First of all: whoever still writes to it is refused from now on.
      await this.bucket.remove(key);
      this.checkpoints.delete(key);
      await jsm.streams
        .purge(READ_MODEL_STREAM, { filter: generationFilter(store, name, generation) })
        .catch((error: unknown) => {
          throw unavailable(error);
        });
    }
    if (dropped.length === 0) return;
    await this.catalogues.change(name, (catalogue) => ({
      ...catalogue,
      dropped: catalogue.dropped.filter((generation) => !dropped.includes(generation)),
    }));
  }

  private async send(messages: ReturnType<typeof documentMessages>, name: string, generation: number): Promise<number> {
    const outcome = await new Promise<Parameters<Parameters<CommitSender['send']>[1]>[0]>((resolve) =>
      this.sender.send(messages, resolve),
    );
    if (outcome.kind === 'landed') return outcome.lastSequence;
    const moved = this.moved(name, generation);
    if (outcome.kind === 'conflict') throw moved;
    // It may land yet: the next try reads anew what is kept, and expects just that.
    if (outcome.kind === 'refused') throw new StoreUnavailable(`documents are refused: ${outcome.error.description}`);
    throw unavailable(outcome.cause);
  }

  /** Forgets what this process took for sure. */
  private moved(name: string, generation: number): CheckpointMoved {
    this.checkpoints.delete(this.checkpointKey(name, generation));
    this.cache.clear();
    return new CheckpointMoved(name, generation);
  }

  private async cached(key: string): Promise<string | undefined> {
    const known = this.cache.get(key);
    if (known !== undefined) return known === ABSENT ? undefined : known;
    const entry = await this.bucket.get(key);
    const json = entry ? Buffer.from(entry.value).toString() : ABSENT;
    this.cache.set(key, json);
    return json === ABSENT ? undefined : json;
  }

  private async keptCheckpoint(name: string, generation: number): Promise<KeptCheckpoint | undefined> {
    const key = this.checkpointKey(name, generation);
    const entry = await this.bucket.get(key);
    if (!entry) return undefined;
    const kept = {
      checkpoint: JSON.parse(Buffer.from(entry.value).toString()) as Checkpoint,
      revision: entry.revision,
    };
    const known = this.checkpoints.get(key);
    if (known && known.revision < kept.revision) this.moved(name, generation);
    this.checkpoints.set(key, kept);
    return kept;
  }

  private checkpointKey(name: string, generation: number): string {
    return checkpointKey(this.options.store, name, generation);
  }

  /** The bucket as the client makes it takes no atomic batches. */
  private prepare(): Promise<void> {
    this.prepared ??= this.allowBatches().catch((error: unknown) => {
      this.prepared = undefined;
      throw unavailable(error);
    });
    return this.prepared;
  }

  private async allowBatches(): Promise<void> {
    const { jsm } = this.options;
    const { config } = await jsm.streams.info(READ_MODEL_STREAM);
    if (!config.allow_atomic) await jsm.streams.update(READ_MODEL_STREAM, { ...config, allow_atomic: true });
  }
}

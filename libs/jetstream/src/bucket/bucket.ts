import { setTimeout as pause } from 'node:timers/promises';
import { type JetStreamClient, JetStreamApiError, jetstream } from '@nats-io/jetstream';
import { type KV, type KvEntry, Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import { JETSTREAM_CODE } from '../error/jetstream-codes.ts';
import { unavailable } from '../error/unavailable.ts';

/** A stored value and the revision that a change must name. */
export interface BucketEntry {
  readonly value: Uint8Array;
  readonly revision: number;
}

export interface BucketOptions {
  readonly replicas?: number | undefined;
  readonly description: string;
}

/** A change named a revision that is no longer the newest: somebody else was faster. */
export const CONFLICT = 'conflict';

/** How long the marker of a removed or expired key stays. */
const MARKER_TTL_MS = 60_000;
/** How often a write looks for a bucket that was made and is not there. */
const WRITE_ATTEMPTS = 20;
const WRITE_PAUSE_MS = 50;
/** Entries that are read at the same time. */
const PARALLEL_READS = 64;

/**
 * A KV bucket that is made when something is first written to it, and read from its leader.
 *
 * All methods throw StoreUnavailable when the server does not answer.
 */
export class Bucket {
  private readonly js: JetStreamClient;
  private readonly kvm: Kvm;
  private opened: Promise<KV> | undefined;
  private exists = false;

  constructor(
    nc: NatsConnection,
    private readonly name: string,
    private readonly options: BucketOptions,
  ) {
    this.js = jetstream(nc);
    this.kvm = new Kvm(this.js);
  }

  /** The entry as the leader knows it; undefined when there is none, or no bucket. */
  async get(key: string): Promise<BucketEntry | undefined> {
    const entry = await this.entry(key);
    return entry?.operation === 'PUT' ? { value: entry.value, revision: entry.revision } : undefined;
  }

  /**
   * Writes the key if it is as its writer believes.
   *
   * @param expected revision of the entry that it replaces, 0 when there must be none
   * @param ttlSeconds the key goes away by itself after this; it stays unless given
   * @returns the new revision
   */
  async put(
    key: string,
    value: Uint8Array | string,
    expected: number,
    ttlSeconds?: number,
  ): Promise<number | typeof CONFLICT> {
    try {
      return await this.write(key, value, expected, ttlSeconds);
    } catch (error) {
      if (!isConflict(error)) throw unavailable(error);
      if (expected !== 0) return CONFLICT;
    }
    // A deleted or expired key leaves a marker, which stands for nothing.
    const marker = await this.entry(key);
    if (!marker || marker.operation === 'PUT') return CONFLICT;
    try {
      return await this.write(key, value, marker.revision, ttlSeconds);
    } catch (error) {
      if (isConflict(error)) return CONFLICT;
      throw unavailable(error);
    }
  }

  /** Removes the key and what it held, whoever wrote it; the marker of that goes too, after a minute. */
  async remove(key: string): Promise<void> {
    try {
      await (await this.open()).purge(key, { ttl: `${MARKER_TTL_MS / 1000}s` });
    } catch (error) {
      if (!isMissingBucket(error)) throw unavailable(error);
    }
  }

  /**
   * All keys that match a pattern.
   *
   * Not by the client's `history()` or `keys()`: where nothing matches they leave a consumer behind for five minutes
   * (3.4.0), and a bucket takes 1,000 of them. `keys()` lists what expired, too, as long as its marker stays.
   */
  async keys(pattern: string): Promise<readonly string[]> {
    const listed = await this.keysAndMarkers(pattern);
    const keys: string[] = [];
    for (let i = 0; i < listed.length; i += PARALLEL_READS) {
      const some = listed.slice(i, i + PARALLEL_READS);
      const entries = await Promise.all(some.map((key) => this.entry(key)));
      keys.push(...some.filter((_, j) => entries[j]?.operation === 'PUT'));
    }
    return keys;
  }

  /**
   * As {@link keys}, and what was removed or expired within the last minute: in one request, where {@link keys} takes
   * one more for each.
   */
  async keysAndMarkers(pattern: string): Promise<readonly string[]> {
    const prefix = `$KV.${this.name}.`;
    try {
      const jsm = await this.js.jetstreamManager(false);
      const { state } = await jsm.streams.info(`KV_${this.name}`, { subjects_filter: prefix + pattern });
      return Object.keys(state.subjects ?? {}).map((subject) => subject.slice(prefix.length));
    } catch (error) {
      if (isMissingBucket(error)) return [];
      throw unavailable(error);
    }
  }

  private async entry(key: string): Promise<KvEntry | undefined> {
    try {
      return (await (await this.open()).get(key)) ?? undefined;
    } catch (error) {
      if (isMissingBucket(error)) return undefined;
      throw unavailable(error);
    }
  }

  private async write(
    key: string,
    value: Uint8Array | string,
    expected: number,
    ttlSeconds: number | undefined,
  ): Promise<number> {
    for (let attempt = 0; ; attempt++) {
      if (!this.exists) await this.create();
      try {
        const ack = await this.js.publish(`$KV.${this.name}.${key}`, value, {
          expect: { lastSubjectSequence: expected },
          ...(ttlSeconds !== undefined && { ttl: `${ttlSeconds}s` }),
        });
        return ack.seq;
      } catch (error) {
        if (!isMissingBucket(error) || attempt >= WRITE_ATTEMPTS) throw error;
        // In a cluster the servers hear of a new bucket one after the other.
        if (attempt > 0) await pause(WRITE_PAUSE_MS);
        this.exists = false;
      }
    }
  }

  private async create(): Promise<void> {
    const { replicas = 1, description } = this.options;
    try {
      await this.kvm.create(this.name, { replicas, description, history: 1, markerTTL: MARKER_TTL_MS });
    } catch (error) {
      // Somebody else made it at this moment, with other settings.
      if (!(error instanceof JetStreamApiError && error.code === JETSTREAM_CODE.nameInUse)) throw error;
    }
    this.exists = true;
  }

  /** Without `allow_direct` the client asks the leader, whose answer is never behind what was acknowledged. */
  private open(): Promise<KV> {
    this.opened ??= this.kvm.open(this.name, { allow_direct: false }).catch((error: unknown) => {
      this.opened = undefined;
      throw error;
    });
    return this.opened;
  }
}

function isConflict(error: unknown): boolean {
  return (
    error instanceof JetStreamApiError &&
    (error.code === JETSTREAM_CODE.wrongLastSequence || error.code === JETSTREAM_CODE.expectationInFlight)
  );
}

/** Reads of a missing bucket are refused by number, writes to it find nobody who listens. */
function isMissingBucket(error: unknown): boolean {
  if (error instanceof JetStreamApiError) return error.code === JETSTREAM_CODE.streamNotFound;
  // The client's name for it; it does not export the class (3.4.0).
  return error instanceof Error && error.name === 'JetStreamNotEnabled';
}

import { createHash } from 'node:crypto';
import { IdempotencyKeyReused, ReplayNotFound, StoreUnavailable } from '@annals/core';
import { type Bucket, CONFLICT } from '../bucket/bucket.ts';
import {
  idInJobKey,
  jobFilter,
  jobKey,
  leaseKey,
  openKey,
  parseRunKey,
  requestKey,
  runFilter,
} from './replay-names.ts';
import { type ReplayRecord, decodeRecord, encodeRecord } from './replay-record.ts';

/** A job over is forgotten after this long, and so is an idempotency key. */
const KEPT_SECONDS = 30 * 24 * 3_600;
const MAX_TRIES = 20;
const READ_AT_A_TIME = 50;
const ID = /^[0-9A-HJKMNP-TV-Z]{26}$/;

/** A job and the revision that a change must name. */
export interface KeptReplay {
  readonly record: ReplayRecord;
  readonly revision: number;
}

/** The jobs of one store in their bucket. All methods throw StoreUnavailable when the server does not answer. */
export class ReplayRecords {
  constructor(
    readonly bucket: Bucket,
    private readonly store: string,
  ) {}

  /** The id that a request gets: the same for the same idempotency key. @throws IdempotencyKeyReused */
  async idFor(idempotencyKey: string, contentHash: string, newId: string): Promise<string> {
    const digest = createHash('sha256').update(idempotencyKey).digest('base64url');
    const key = requestKey(this.store, digest);
    const wanted = JSON.stringify({ id: newId, contentHash });
    if ((await this.bucket.put(key, wanted, 0, KEPT_SECONDS)) !== CONFLICT) return newId;
    const entry = await this.bucket.get(key);
    if (!entry) return this.idFor(idempotencyKey, contentHash, newId);
    const first = JSON.parse(Buffer.from(entry.value).toString()) as { id: string; contentHash: string };
    if (first.contentHash !== contentHash) throw new IdempotencyKeyReused(idempotencyKey);
    return first.id;
  }

  /** Keeps a new job; one of that id which is there stays. Durable when fulfilled. */
  async create(record: ReplayRecord): Promise<KeptReplay> {
    // The marker first: a job without one would wait for ever.
    await this.bucket.put(openKey(this.store, record.id), '', 0);
    const revision = await this.bucket.put(jobKey(this.store, record.id), encodeRecord(record), 0);
    return revision === CONFLICT ? this.get(record.id) : { record, revision };
  }

  /** @throws ReplayNotFound */
  async get(id: string): Promise<KeptReplay> {
    const kept = await this.find(id);
    if (!kept) throw new ReplayNotFound(String(id));
    return kept;
  }

  async find(id: string): Promise<KeptReplay | undefined> {
    if (typeof id !== 'string' || !ID.test(id)) return undefined;
    const entry = await this.bucket.get(jobKey(this.store, id));
    const record = entry && decodeRecord(entry.value);
    return record && { record, revision: entry.revision };
  }

  /** Replaces a job, if it is still as `kept` says. */
  async replace(kept: KeptReplay, record: ReplayRecord): Promise<KeptReplay | typeof CONFLICT> {
    const over = record.finishedAt !== undefined;
    const ttl = over ? KEPT_SECONDS : undefined;
    const key = jobKey(this.store, record.id);
    const revision = await this.bucket.put(key, encodeRecord(record), kept.revision, ttl);
    if (revision === CONFLICT) return CONFLICT;
    if (over) await this.bucket.remove(openKey(this.store, record.id));
    return { record, revision };
  }

  /** Changes a job whatever others do to it meanwhile. @param change undefined leaves it. @throws ReplayNotFound */
  async change(id: string, change: (record: ReplayRecord) => ReplayRecord | undefined): Promise<KeptReplay> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const kept = await this.get(id);
      const record = change(kept.record);
      if (!record) return kept;
      const changed = await this.replace(kept, record);
      if (changed !== CONFLICT) return changed;
    }
    throw new StoreUnavailable(`replay ${id} is being changed by others all the time`);
  }

  /** Removes the marker of a job that is over, or never came to be. */
  async forgetOpen(id: string): Promise<void> {
    await this.bucket.remove(openKey(this.store, id));
  }

  /** Ids of all jobs, newest first; one that was forgotten within the last minute may be among them. */
  async ids(): Promise<readonly string[]> {
    const keys = await this.bucket.keysAndMarkers(jobFilter(this.store));
    return keys.map(idInJobKey).sort().reverse();
  }

  /** Jobs that are not over, oldest first: those that some process drives, and those that none does. */
  async open(): Promise<{ readonly driven: readonly string[]; readonly idle: readonly string[] }> {
    const keys = (await this.bucket.keysAndMarkers(runFilter(this.store))).map(parseRunKey);
    const idsOf = (wanted: string): string[] => keys.filter(({ kind }) => kind === wanted).map(({ id }) => id);
    const leased = new Set(await this.existing(idsOf('lease'), (id) => leaseKey(this.store, id)));
    const open = await this.existing(idsOf('open'), (id) => openKey(this.store, id));
    open.sort();
    return { driven: open.filter((id) => leased.has(id)), idle: open.filter((id) => !leased.has(id)) };
  }

  /** Those whose key is there, and no marker of it. */
  private async existing(ids: readonly string[], keyOf: (id: string) => string): Promise<string[]> {
    const there: string[] = [];
    for (let at = 0; at < ids.length; at += READ_AT_A_TIME) {
      const some = ids.slice(at, at + READ_AT_A_TIME);
      const entries = await Promise.all(some.map((id) => this.bucket.get(keyOf(id))));
      there.push(...some.filter((_, i) => entries[i] !== undefined));
    }
    return there;
  }

  leaseKey(id: string): string {
    return leaseKey(this.store, id);
  }
}

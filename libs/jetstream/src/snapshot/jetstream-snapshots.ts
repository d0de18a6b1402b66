import {
  type AggregateRef,
  type Logger,
  type ResolvedAggregateRef,
  type Snapshot,
  type SnapshotPage,
  type SnapshotSelection,
  type SnapshotSummary,
  type Snapshots,
  StoreUnavailable,
  checkAggregate,
  checkFilter,
  checkSnapshot,
  describeAggregate,
  pageCursor,
  pageLimit,
  supersedes,
} from '@annals/core';
import { Bucket, CONFLICT } from '../bucket/bucket.ts';
import { KeptDocument, type ReadDocument } from '../bucket/document.ts';
import type { RequestChannel } from '../connection/request-channel.ts';
import type { Topology } from '../topology/topology.ts';
import { decodeSnapshot, encodeSnapshot } from './kept-snapshot.ts';
import { type ListedKey, listKeys } from './list-keys.ts';
import { SNAPSHOT_BUCKET, snapshotKey } from './snapshot-names.ts';

export interface SnapshotsOptions {
  readonly channel: RequestChannel;
  readonly topology: Topology;
  readonly replicas: number;
  readonly logger: Logger;
  /** Throws StoreClosed once the store is. */
  readonly checkOpen: () => void;
}

/** Others may write the same snapshot at the same time: whoever loses so often has nothing new to say. */
const MAX_TRIES = 10;
const SUMMARIES_AT_ONCE = 8;

/**
 * Snapshots in a KV bucket: compressed, with a digest, in parts where they do not fit one message, and changed by
 * compare-and-swap.
 */
export class JetStreamSnapshots implements Snapshots {
  private readonly bucket: Bucket;

  constructor(private readonly options: SnapshotsOptions) {
    const { channel, replicas } = options;
    this.bucket = new Bucket(channel.nc, SNAPSHOT_BUCKET, { replicas, description: 'Annals: snapshots of aggregates' });
  }

  async get<State = unknown>(aggregate: AggregateRef): Promise<Snapshot<State> | undefined> {
    this.options.checkOpen();
    const ref = checkAggregate(aggregate);
    return this.decode(ref, await this.document(ref).read())?.snapshot as Snapshot<State> | undefined;
  }

  async put(given: Snapshot): Promise<boolean> {
    this.options.checkOpen();
    const { snapshot, json } = checkSnapshot(given);
    const ref = snapshot.aggregate;
    const document = this.document(ref);
    // The state as it was at the call: whoever gave it may change it while the bucket is read.
    const value = encodeSnapshot({ ...snapshot, state: JSON.parse(json) as unknown }, Buffer.byteLength(json));
    for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
      const last = await document.read();
      const kept = this.decode(ref, last)?.snapshot;
      if (kept && !supersedes(snapshot, kept)) return false;
      if ((await document.write(value, last)) !== CONFLICT) return true;
    }
    throw new StoreUnavailable(`others write the snapshot of ${describeAggregate(ref)} all the time`);
  }

  async list(
    selection: SnapshotSelection = {},
    options: { readonly limit?: number | undefined; readonly cursor?: string | undefined } = {},
  ): Promise<SnapshotPage> {
    this.options.checkOpen();
    const { tenantId, aggregateType } = checkFilter(selection);
    const limit = pageLimit(options.limit);
    const after = pageCursor(options.cursor);
    const { channel, topology, replicas } = this.options;
    const streams = (aggregateType === undefined ? topology.bindings : [topology.bindingOf(aggregateType)]).map(
      ({ name }) => name,
    );
    // One more tells whether another page follows.
    const keys = await listKeys(
      { channel, streams, isReplicated: replicas > 1 },
      { tenantId, aggregateType },
      after,
      limit + 1,
    );
    const page = keys.slice(0, limit);
    const snapshots: SnapshotSummary[] = [];
    // A few at a time: each is read whole.
    for (let at = 0; at < page.length; at += SUMMARIES_AT_ONCE) {
      const some = page.slice(at, at + SUMMARIES_AT_ONCE).map((key) => this.summary(key));
      snapshots.push(...(await Promise.all(some)).filter((summary) => summary !== undefined));
    }
    return keys.length > limit ? { snapshots, nextCursor: String(page.at(-1)!.sequence) } : { snapshots };
  }

  async delete(aggregate: AggregateRef): Promise<boolean> {
    this.options.checkOpen();
    const ref = checkAggregate(aggregate);
    const document = this.document(ref);
    const last = await document.read();
    if (last.state === 'absent') return false;
    await document.remove(last);
    return true;
  }

  private async summary({ aggregate }: ListedKey): Promise<SnapshotSummary | undefined> {
    const found = this.decode(aggregate, await this.document(aggregate).read());
    if (!found) return undefined;
    const { state: _state, ...rest } = found.snapshot;
    return { ...rest, bytes: found.bytes };
  }

  private decode(
    ref: ResolvedAggregateRef,
    document: ReadDocument,
  ): { readonly snapshot: Snapshot; readonly bytes: number } | undefined {
    if (document.state === 'absent') return undefined;
    const decoded = document.state === 'found' ? decodeSnapshot(document.value, ref) : { problem: document.reason };
    if ('snapshot' in decoded) return decoded;
    this.options.logger.warn(`the snapshot of ${describeAggregate(ref)} is passed over: ${decoded.problem}`);
    return undefined;
  }

  private document(ref: ResolvedAggregateRef): KeptDocument {
    const { channel, topology } = this.options;
    return new KeptDocument(channel.nc, this.bucket, snapshotKey(topology.bindingOf(ref.type).name, ref));
  }
}

import {
  type AggregateRef,
  type ResolvedAggregateRef,
  type Snapshot,
  type SnapshotPage,
  type SnapshotSelection,
  type Snapshots,
  checkAggregate,
  checkFilter,
  checkSnapshot,
  pageCursor,
  pageLimit,
  supersedes,
} from '@annals/core';

interface Kept {
  readonly snapshot: Omit<Snapshot, 'state'>;
  readonly json: string;
  /** When it was kept, among all: what cursors count. */
  readonly sequence: number;
}

/** Snapshots in this process. States are kept as JSON, so that nobody shares an object with them. */
export class InMemorySnapshots implements Snapshots {
  readonly #kept = new Map<string, Kept>();
  #sequence = 0;

  constructor(private readonly assertOpen: () => void) {}

  async get<State = unknown>(aggregate: AggregateRef): Promise<Snapshot<State> | undefined> {
    this.assertOpen();
    const kept = this.#kept.get(keyOf(checkAggregate(aggregate)));
    return kept && { ...kept.snapshot, state: JSON.parse(kept.json) as State };
  }

  async put(given: Snapshot): Promise<boolean> {
    this.assertOpen();
    const { snapshot, json } = checkSnapshot(given);
    const key = keyOf(snapshot.aggregate);
    const last = this.#kept.get(key);
    if (last && !supersedes(snapshot, last.snapshot)) return false;
    const { state: _state, hash, ...rest } = snapshot;
    this.#kept.delete(key);
    this.#kept.set(key, {
      snapshot: { ...rest, ...(hash !== undefined && { hash }) },
      json,
      sequence: ++this.#sequence,
    });
    return true;
  }

  async list(
    selection: SnapshotSelection = {},
    options: { readonly limit?: number | undefined; readonly cursor?: string | undefined } = {},
  ): Promise<SnapshotPage> {
    this.assertOpen();
    const { tenantId, aggregateType } = checkFilter(selection);
    const limit = pageLimit(options.limit);
    const after = pageCursor(options.cursor);
    const found = [...this.#kept.values()].filter(
      ({ snapshot: { aggregate }, sequence }) =>
        sequence > after &&
        (tenantId === undefined || aggregate.tenantId === tenantId) &&
        (aggregateType === undefined || aggregate.type === aggregateType),
    );
    const page = found.slice(0, limit);
    const snapshots = page.map(({ snapshot, json }) => ({ ...snapshot, bytes: Buffer.byteLength(json) }));
    return found.length > limit ? { snapshots, nextCursor: String(page.at(-1)!.sequence) } : { snapshots };
  }

  async delete(aggregate: AggregateRef): Promise<boolean> {
    this.assertOpen();
    return this.#kept.delete(keyOf(checkAggregate(aggregate)));
  }
}

function keyOf({ tenantId, type, id }: ResolvedAggregateRef): string {
  return JSON.stringify([tenantId, type, id]);
}

import { type Snapshot, type SnapshotPage, ValidationError } from '@annals/core';
import { nestLogger } from '../logging/nest-logger.ts';
import type { TenantOption } from '../read/replay-options.ts';
import { ServiceScope } from '../service/service-scope.ts';
import type { AggregateSnapshots, ListSnapshotsOptions, SnapshotToRecord } from './aggregate-snapshots.ts';
import { fittingSnapshot, storedAt } from './fitting-snapshot.ts';

/** The part of the service that keeps snapshots. */
export abstract class SnapshotService extends ServiceScope implements AggregateSnapshots {
  async recordSnapshot<State>(
    aggregateId: string,
    aggregateType: string,
    { version, state, stateVersion = 1 }: SnapshotToRecord<State>,
    options: TenantOption = {},
  ): Promise<boolean> {
    const aggregate = { ...this.aggregate(aggregateId, aggregateType, options), tenantId: this.tenantOf(options) };
    const last = Number.isSafeInteger(version) && version > 0 && (await storedAt(this.store, aggregate, version));
    if (!last) {
      throw new ValidationError([{ path: 'version', message: 'must be that of an event of the aggregate' }]);
    }
    const takenAt = new Date().toISOString();
    return this.store.snapshots.put({ aggregate, version, state, stateVersion, takenAt, hash: last.hash });
  }

  async getSnapshot<State = unknown>(
    aggregateId: string,
    aggregateType: string,
    options: TenantOption = {},
  ): Promise<Snapshot<State> | undefined> {
    return fittingSnapshot(this.store, this.aggregate(aggregateId, aggregateType, options), nestLogger());
  }

  async listSnapshots({ tenantId, aggregateType, ...page }: ListSnapshotsOptions = {}): Promise<SnapshotPage> {
    return this.store.snapshots.list({ tenantId: this.tenantOf({ tenantId }), aggregateType }, page);
  }

  async deleteSnapshot(aggregateId: string, aggregateType: string, options: TenantOption = {}): Promise<boolean> {
    return this.store.snapshots.delete(this.aggregate(aggregateId, aggregateType, options));
  }
}

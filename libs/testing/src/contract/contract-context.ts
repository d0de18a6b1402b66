import { randomUUID } from 'node:crypto';
import {
  type AppendOptions,
  type AppendResult,
  type EventStore,
  type NewEvent,
  type RecordedEvent,
} from '@annals/core';
import { eventually } from '../wait/eventually.ts';
import type { EventStoreFactory } from './describe-event-store.ts';

/** An aggregate under test, whose tenant is known. */
export interface TestAggregate {
  readonly tenantId: string;
  readonly type: string;
  readonly id: string;
}

/** What the tests of the suite share: the stores, and names that no other test uses. */
export class ContractContext {
  #stores: EventStore[] = [];

  constructor(readonly factory: EventStoreFactory) {}

  async open(): Promise<void> {
    this.#stores = [await this.factory.open()];
    if (this.factory.sharesData) this.#stores.push(await this.factory.open());
  }

  async close(): Promise<void> {
    await Promise.all(this.#stores.splice(0).map((store) => store.close()));
  }

  get store(): EventStore {
    return this.#stores[0]!;
  }

  /** A store of another process, or as good as: it has caches and queues of its own. The first where data are not shared. */
  get otherStore(): EventStore {
    return this.#stores.at(-1)!;
  }

  /** Runs expectations about what another process appended: until they hold where replicas may lag, else once. */
  async whenSeen(expectations: () => Promise<void>): Promise<void> {
    if (!this.factory.replicated) return expectations();
    await eventually(async () => {
      await expectations();
      return true;
    });
  }

  /** A name that no other test has. */
  unique(prefix: string): string {
    return `${prefix}-${randomUUID()}`;
  }

  /** An aggregate in a tenant that no other test has. */
  aggregate(type = 'order', id = '1'): TestAggregate {
    return { tenantId: this.unique('tenant'), type, id };
  }

  /** Appends `count` numbered events, in as few appends as possible. */
  async fill(aggregate: TestAggregate, count: number): Promise<void> {
    for (let from = 1; from <= count; from += 1_000) {
      const events = numbered(Math.min(1_000, count - from + 1), from);
      await this.store.append(aggregate, events, { expectedVersion: from - 1 });
    }
  }

  append(aggregate: TestAggregate, events: NewEvent | NewEvent[], options?: AppendOptions): Promise<AppendResult> {
    return this.store.append(aggregate, events, options);
  }

  /** All events of the aggregate, from the first store. */
  read(aggregate: TestAggregate): Promise<RecordedEvent[]> {
    return collect(this.store.readAggregate(aggregate));
  }

  /** All events of a tenant, from the first store. */
  readTenant(tenantId: string): Promise<RecordedEvent[]> {
    return collect(this.store.readAll({ tenantId }));
  }
}

/** An event with nothing special. */
export function event(type = 'order.changed', data: unknown = {}): NewEvent {
  return { type, data };
}

/** Events whose data say which they are. */
export function numbered(count: number, from = 1): NewEvent[] {
  return Array.from({ length: count }, (_, i) => event('order.numbered', { n: from + i }));
}

export async function collect(events: AsyncIterable<RecordedEvent>): Promise<RecordedEvent[]> {
  const list: RecordedEvent[] = [];
  for await (const event of events) list.push(event);
  return list;
}

export function versionsOf(events: readonly { readonly version?: number }[]): (number | undefined)[] {
  return events.map(({ version }) => version);
}

/** Whole numbers, both ends included. */
export function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
}

import type { AppendAllOptions, EventSource, ExpectedVersion, NewEvent } from '@annals/core';

/** Where an event belongs and what its writer believes of the aggregate. */
export interface PublishTarget {
  /** Id of the aggregate; needs `aggregateType`. Without both the event belongs to no aggregate. */
  readonly aggregateId?: string | undefined;
  /** Type of the aggregate; needs `aggregateId`. */
  readonly aggregateType?: string | undefined;
  /** Inside a handler the handled event's tenant unless given, else the module's default. */
  readonly tenantId?: string | undefined;
  /** The version that this event is to have, from 1: says the same as `expectedVersion: version - 1`. */
  readonly version?: number | undefined;
  /** What the head must be before this event; `'any'` unless given. */
  readonly expectedVersion?: ExpectedVersion | undefined;
}

/** An event of a list to publish: its envelope and where it belongs. */
export interface EventToPublish<T = unknown> extends NewEvent<T>, PublishTarget {}

/** What `publishEvent` takes beside type and data. */
export interface PublishOptions extends Omit<NewEvent, 'type' | 'data'>, PublishTarget, AppendAllOptions {}

/** What `publishEvents` takes beside the events. */
export interface PublishAllOptions extends AppendAllOptions {
  /** Tenant of the events that name none; inside a handler the handled event's unless given, else the module's default. */
  readonly tenantId?: string | undefined;
}

/** What events get whose writer does not say, beside the correlation of the running code. */
export interface PublishDefaults {
  readonly tenantId: string;
  readonly source: EventSource | undefined;
}

import type { AggregateRef, NewEvent } from '@annals/core';
import type { AtomicGroup } from './event-to-load.ts';

/** An event of sample data before its version is counted. */
export interface SampleEvent {
  readonly aggregate: AggregateRef;
  readonly event: NewEvent & { readonly messageId: string };
}

/** Counts versions per aggregate, in the order given. */
export function assignVersions(groups: readonly (readonly SampleEvent[])[]): readonly AtomicGroup[] {
  const versions = new Map<string, number>();
  return groups.map((group) =>
    group.map(({ aggregate, event }) => {
      const key = JSON.stringify([aggregate.type, aggregate.id]);
      const version = (versions.get(key) ?? 0) + 1;
      versions.set(key, version);
      return { aggregate, version, event };
    }),
  );
}

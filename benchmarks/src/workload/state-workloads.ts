import type { Fill, Task } from '../task/task.ts';
import { MAX_STEPS, type MigrationForm } from '../upcast/sample-registry.ts';
import type { Scale } from './scale.ts';
import type { Entrant, Workload } from './workload.ts';

const EVENTS_PER_AGGREGATE = 100;
const FORMS: readonly MigrationForm[] = ['declarative', 'function'];
const EMPTY: Fill = { aggregates: 0, eventsPerAggregate: 0, large: 0 };

/** Aggregates loaded by repositories, and old events brought up to date. */
export function stateWorkloads(scale: Scale): readonly Workload[] {
  return [snapshotLoad(scale), upcast()];
}

function snapshotLoad(scale: Scale): Workload {
  const fill: Fill = {
    aggregates: scale.aggregates.small,
    eventsPerAggregate: EVENTS_PER_AGGREGATE,
    large: scale.large,
  };
  const large = scale.large.toLocaleString('en');
  const load = (aggregate: 'filled' | 'large', snapshots: boolean): Task => ({ kind: 'load', aggregate, snapshots });
  const common = { contender: 'stream', fill } as const;
  return {
    name: 'snapshot-load',
    title: `load of an aggregate of ${large} events by its snapshot`,
    description: `One after the other, by a new repository each time and past the store's cache. \`short\` loads random aggregates of ${EVENTS_PER_AGGREGATE} events, which have no snapshot; \`long\` the aggregate of ${large} events, of which a snapshot is taken every 100: the one that there is was taken 99 events ago, so that no load of it takes longer. \`long-folded\` folds the same one without a snapshot.`,
    modes: ['r1'],
    entrants: () => [
      { ...common, name: 'short', task: load('filled', false) },
      { ...common, name: 'long', task: load('large', true), beside: 'short' },
      { ...common, name: 'long-folded', task: load('large', false), beside: 'short' },
    ],
  };
}

function upcast(): Workload {
  const steps = Array.from({ length: MAX_STEPS }, (_, index) => index + 1);
  return {
    name: 'upcast',
    title: 'migration of old events',
    description:
      'Without a server: what a registry takes to bring an event from one, two or three schema versions ago to the current one, by migrations that are declared (a field renamed, one added, one removed) and by functions that do the same. `step` is the time of an event and step, the mean of 1,000 events.',
    modes: ['r1'],
    entrants: () =>
      FORMS.flatMap((form) =>
        steps.map((count): Entrant => {
          const task: Task = { kind: 'upcast', form, steps: count };
          return { name: `${form}-${count}`, contender: 'memory', task, fill: EMPTY };
        }),
      ),
  };
}

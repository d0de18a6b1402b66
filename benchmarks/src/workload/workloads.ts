import type { ContenderName } from '../contender/open-contender.ts';
import { MODE_NAMES, type ModeName } from '../mode/server-mode.ts';
import type { Fill, Task } from '../task/task.ts';
import type { Scale } from './scale.ts';
import { stateWorkloads } from './state-workloads.ts';
import { subscribeWorkload } from './subscribe-workload.ts';
import type { Entrant, Workload } from './workload.ts';

const EVENTS_PER_AGGREGATE = 10;
const EMPTY: Fill = { aggregates: 0, eventsPerAggregate: EVENTS_PER_AGGREGATE, large: 0 };
const ENTITY_OPERATIONS = 2_000;

/** Everything that `npm run bench` measures, in the order of the report. */
export function workloads(scale: Scale): readonly Workload[] {
  return [
    ...appendWorkloads(scale),
    ...readWorkloads(scale),
    subscribeWorkload(scale),
    ...stateWorkloads(scale),
    ...gatewayWorkloads(scale),
  ];
}

function appendWorkloads(scale: Scale): readonly Workload[] {
  const single = (inFlight: number) => append(scaled(inFlight, scale), 1);
  return [
    {
      name: 'append-64',
      title: 'single appends, 64 in flight',
      description: '64 writers, each appending one event at a time to aggregates of its own, ten to each.',
      modes: MODE_NAMES,
      entrants: (mode) => sideBySide(mode, single(64)),
    },
    {
      name: 'append-256',
      title: 'single appends, 256 in flight',
      description: 'The same with 256 writers.',
      modes: ['r1-always'],
      entrants: (mode) => sideBySide(mode, single(256)),
    },
    {
      name: 'batch-10',
      title: 'atomic appends of 10, 16 in flight',
      description:
        '16 writers, each appending ten events at a time, all or none, to aggregates of its own, ten times each.',
      modes: MODE_NAMES,
      entrants: (mode) => sideBySide(mode, append(scaled(16, scale), 10)),
    },
    {
      name: 'sequential',
      title: 'one writer after the other',
      description: 'One append of one event at a time, each waiting for the acknowledgement of the one before.',
      modes: ['r1', 'r1-always'],
      entrants: (mode) => sideBySide(mode, append(1, 1)),
    },
    {
      name: 'contended',
      title: '16 writers on one aggregate',
      description:
        'Each writer appends at the version that it believes in; when another was first it takes the real version and tries again. Events that landed are counted; latency is the way to success.',
      modes: ['r1', 'r1-always'],
      entrants: (mode) => sideBySide(mode, { kind: 'contend', writers: scaled(16, scale) }),
    },
    {
      name: 'append-10000',
      title: `memory with ${scale.manyInFlight.toLocaleString('en')} appends in flight`,
      description: 'As many writers at once, one event each; what matters is the peak of resident memory.',
      modes: ['r1'],
      entrants: (mode) => sideBySide(mode, append(scale.manyInFlight, 1)),
    },
  ];
}

function readWorkloads(scale: Scale): readonly Workload[] {
  const usual: Fill = { ...EMPTY, aggregates: scale.aggregates.usual };
  const withLarge: Fill = { ...EMPTY, aggregates: (2 * scale.large) / EVENTS_PER_AGGREGATE, large: scale.large };
  const million: Fill = { ...EMPTY, aggregates: scale.aggregates.million };
  const small: Fill = { ...EMPTY, aggregates: scale.aggregates.small };
  const entity: Task = { kind: 'entity', operations: ENTITY_OPERATIONS };
  return [
    {
      name: 'read-10',
      title: 'aggregates of 10 events, 16 reads in flight',
      description: `Random ones of ${count(usual)} events; \`annals-cached\` reads through the cache of \`load\`, which asks the server whether there is more.`,
      modes: ['r1'],
      entrants: (mode) => {
        const task: Task = { kind: 'read', inFlight: scaled(16, scale) };
        const cached: Entrant = { name: 'annals-cached', contender: 'annals-cached', task, fill: usual };
        return [...sideBySide(mode, task, usual), cached];
      },
    },
    {
      name: 'fold',
      title: `fold of ${scale.large.toLocaleString('en')} events`,
      description: `One aggregate, its events spread among ${(2 * scale.large).toLocaleString('en')} others.`,
      modes: ['r1'],
      entrants: (mode) => sideBySide(mode, { kind: 'fold' }, withLarge),
    },
    {
      name: 'scan-30k',
      title: `whole stream in order, parsed, ${count(usual)} events`,
      description: 'From the first event to the last, again and again.',
      modes: ['r1'],
      entrants: (mode) => sideBySide(mode, { kind: 'scan' }, usual),
    },
    {
      name: 'scan-1m',
      title: `whole stream in order, parsed, ${count(million)} events`,
      description: 'The same over a large store.',
      modes: ['r1'],
      entrants: (mode) => sideBySide(mode, { kind: 'scan' }, million),
    },
    {
      name: 'entity',
      title: 'one entity read and one append, small store against large',
      description: `One after the other, uncached: random aggregates of 10 events in a store of ${count(small)} and in one of ${count(million)}.`,
      modes: ['r1'],
      entrants: () => [
        { name: 'annals-small', contender: 'annals', task: entity, fill: small },
        { name: 'annals-large', contender: 'annals', task: entity, fill: million },
      ],
    },
  ];
}

function gatewayWorkloads(scale: Scale): readonly Workload[] {
  const usual: Fill = { ...EMPTY, aggregates: scale.aggregates.usual };
  const connections = scaled(64, scale);
  return [
    {
      name: 'post-events',
      title: 'POST /events, one event, 64 connections',
      description: 'Against the library with as many appends in flight.',
      modes: ['r1'],
      entrants: () => [
        { name: 'annals', contender: 'annals', task: append(connections, 1), fill: EMPTY },
        {
          name: 'gateway',
          contender: 'gateway',
          task: { kind: 'post', connections, appendsPerAggregate: EVENTS_PER_AGGREGATE },
          fill: EMPTY,
        },
      ],
    },
    {
      name: 'get-history',
      title: `GET /events/history of 10 events at ${scale.requestsPerSecond.toLocaleString('en')} requests/s`,
      description:
        'Requests arrive at even distances whatever becomes of earlier ones; latency counts from when each was due.',
      modes: ['r1'],
      entrants: () => [
        {
          name: 'gateway',
          contender: 'gateway',
          task: { kind: 'history', perSecond: scale.requestsPerSecond },
          fill: usual,
        },
      ],
    },
    liveWorkload(scale),
  ];
}

function liveWorkload(scale: Scale): Workload {
  const clients = scaled(500, scale);
  const groups = Math.max(1, Math.round(clients / 10));
  const entrant = (name: string, filters: number, perSecond: number): Entrant => ({
    name,
    contender: 'gateway',
    // A quick run is over before the second event of the slowest rate.
    task: { kind: 'live', clients, groups: filters, perSecond: scale.quick ? 50 : perSecond },
    fill: EMPTY,
  });
  return {
    name: 'live',
    title: `${clients} live clients of the gateway`,
    description:
      'Half of them over SSE, half over WebSockets, while events are posted at a constant rate: `live-all` to one aggregate that all listen to, `live-groups` to aggregates with ten listeners each, `live-all-x10` ten times as much as the first. Every client must get every event of its aggregate once and in order, by position. `delivery` is the time from when a post is due until a client has the event, `receipt` that from the answer to the post, 0 where the event is there before it; events/s are those received.',
    modes: ['r1'],
    entrants: () => [entrant('live-all', 1, 2), entrant('live-groups', groups, 100), entrant('live-all-x10', 1, 20)],
  };
}

/** The same task for all; PostgreSQL where it has an equal: one node that does not fsync is no equal of three. */
function sideBySide(mode: ModeName, task: Task, fill: Fill = EMPTY): readonly Entrant[] {
  const contenders: readonly ContenderName[] = mode === 'r3' ? ['raw', 'annals'] : ['raw', 'annals', 'postgres'];
  return contenders.map((contender) => ({ name: contender, contender, task, fill }));
}

function append(inFlight: number, eventsPerAppend: number): Task {
  return { kind: 'append', inFlight, eventsPerAppend, appendsPerAggregate: EVENTS_PER_AGGREGATE };
}

function scaled(inFlight: number, { inFlightFactor }: Scale): number {
  return Math.max(1, Math.round(inFlight * inFlightFactor));
}

function count({ aggregates, eventsPerAggregate, large }: Fill): string {
  return (aggregates * eventsPerAggregate + large).toLocaleString('en');
}

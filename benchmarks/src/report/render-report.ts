import type { BenchResult, WorkloadResult } from '../result/bench-result.ts';
import type { Workload } from '../workload/workload.ts';
import { commitsSection } from './commits-section.ts';
import { FULL } from '../workload/scale.ts';
import { liveSection } from './live-section.ts';
import { machineSection } from './machine-section.ts';
import { memorySection } from './memory-section.ts';
import { resultsSection } from './results-section.ts';
import { subscribeSection } from './subscribe-section.ts';
import { targetsSection } from './targets-section.ts';

/**
 * The page docs/reference/benchmarks.md out of one or several runs.
 *
 * @param workloads all that there are, in the order of the page
 * @param notes by `noteKey`
 */
export function renderReport(
  runs: readonly BenchResult[],
  workloads: readonly Workload[],
  notes: Readonly<Record<string, string>>,
): string {
  const results = newestResults(runs);
  const sections = workloads.flatMap(({ name }) => {
    const ofWorkload = results.filter(({ workload }) => workload === name);
    return ofWorkload.length === 0 ? [] : [resultsSection(ofWorkload)];
  });
  const commits = commitsSection(results);
  const memory = memorySection(
    results.find(({ workload }) => workload === 'append-10000'),
    FULL.manyInFlight,
  );
  const subscriptions = subscribeSection(results.find(({ workload }) => workload === 'subscribe'));
  const live = liveSection(results.filter(({ workload }) => workload === 'live'));
  const quick = runs.some(({ quick }) => quick) ? ['**A quick run: too small to conclude anything from.**'] : [];
  return [
    '# Benchmarks',
    '<!-- Written by `npm run bench -- --report`; notes to targets stand in benchmarks/notes.json. -->',
    ...quick,
    INTRODUCTION,
    reproduce(runs),
    '## Targets',
    TARGETS_INTRODUCTION,
    targetsSection(results, workloads, notes),
    '## Figures',
    FIGURES_INTRODUCTION,
    ...sections,
    ...(commits === '' ? [] : ['## Group commit', COMMITS_INTRODUCTION, commits]),
    ...(memory === '' ? [] : ['## Memory of a client', MEMORY_INTRODUCTION, memory]),
    ...(subscriptions === '' ? [] : ['## Subscriptions', SUBSCRIBE_INTRODUCTION, subscriptions]),
    ...(live === '' ? [] : ['## Live clients', LIVE_INTRODUCTION, live]),
    '## Machine',
    machineSection(runs.map(({ machine }) => machine)),
    '',
  ].join('\n\n');
}

const INTRODUCTION = `Three ways to store events, side by side on one machine, in one run:

- **annals**: the store of \`@annals/jetstream\`, called whole: validation, ids, hash chain and codec included;
- **raw**: the JetStream client as a team that knows it well would use it without a library: \`js.publish\` with the expected sequence of the aggregate, atomic batches by headers, aggregates by direct get, the stream by an ordered consumer; bodies of the same size, streams set up the same;
- **postgres**: a plain PostgreSQL table with a unique \`(aggregate_id, version)\`, prepared statements, a connection pool, at equal durability: \`synchronous_commit=off\` beside NATS' default (an acknowledgement does not mean fsync), \`on\` beside \`sync_interval: always\`.

Beside appends and reads: subscriptions on one stream with the raw client's \`consume\`, aggregates loaded by their snapshot, migrations of old events, and the gateway over HTTP with its live clients.

R1 is one nats-server, R3 three of them with streams of three copies. All servers, and the client, share the machine's cores.`;

const TARGETS_INTRODUCTION = `A figure to the left of the brackets is the ratio of the medians, those in brackets are the least and the greatest ratio of a round. Ratios within one run say something on any machine, absolute figures only on this one. The earlier sketch is one of the append path that was never finished, without validation, ids and hash chain, measured on another machine beside a PostgreSQL that was always durable: it says what seemed within reach, no more.`;

const FIGURES_INTRODUCTION = `Medians of all rounds, in brackets the least and the greatest. A client runs in a process of its own: its memory is the peak of resident memory under load, its CPU seconds are those of the measured part. The servers' memory is the peak of all nats-server processes together (with the gateway where it is measured); of PostgreSQL it is what its processes hold at the end, shared memory counted once.`;

const COMMITS_INTRODUCTION = `What the library sent in the measured part: single publishes, and atomic batches that appends were gathered into. The largest batch may be one of the warm-up.`;

const MEMORY_INTRODUCTION = `Resident memory of a client process with ${FULL.manyInFlight.toLocaleString('en')} appends in flight: once it is connected, and at its peak in the measured part.`;

const SUBSCRIBE_INTRODUCTION = `All on the same stream of the same server: how fast events are handed over, in brackets the rounds; the ratio is to the median of the raw client's rounds. Events in hand are those that a process was given and has not settled. Memory is that of the client's process once it is connected, and at its peak in the measured part: a slow handler makes the subscription wait, not its memory grow.`;

const LIVE_INTRODUCTION = `What the gateway's clients got while events were posted, none lost and none twice, and what the gateway's process took for it, the posts included. All clients are in one process on the same machine.`;

function reproduce(runs: readonly BenchResult[]): string {
  const [run] = runs;
  if (!run) return '';
  const commands = [...new Set(runs.map(({ command }) => command))];
  return [
    '```sh',
    ...commands,
    'npm run bench -- --report',
    '```',
    '',
    `The first command measures and writes JSON below benchmarks/results, the last one writes this page from it. Each contender has servers of its own, but for those that are measured on one stream, and is measured in turn, ${run.rounds} rounds of ${run.secondsPerRound} s after a warm-up (A B C, A B C, …). PostgreSQL's pool has ${run.postgresPool} connections. \`npm run bench -- --help\` tells how to run a part.`,
  ].join('\n');
}

/** Of each workload on each mode the run that came last: its contenders were measured together, so they stay together. */
function newestResults(runs: readonly BenchResult[]): readonly WorkloadResult[] {
  const newest = new Map<string, WorkloadResult>();
  for (const result of runs.flatMap(({ results }) => results)) {
    const key = `${result.workload}/${result.mode}`;
    const known = newest.get(key);
    if (!known || known.finishedAt < result.finishedAt) newest.set(key, result);
  }
  return [...newest.values()];
}

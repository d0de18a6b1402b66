import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type ServerMode } from '../mode/server-mode.ts';
import { leadStreamsByFirst } from '../nats/lead-streams.ts';
import type { EntrantResult, WorkloadResult } from '../result/bench-result.ts';
import type { Measurement } from '../result/measurement.ts';
import type { Entrant, Workload } from '../workload/workload.ts';
import { type Arena, CannotTakePart, startArena } from './arena.ts';
import { BARE_ARENA } from './bare-arena.ts';
import { fillArena } from './fill-arena.ts';
import { measureEntrant } from './measure-entrant.ts';
import { describeMeasurement } from './describe-measurement.ts';
import type { RunOptions } from './run-options.ts';

/** An entrant with its servers, and what it has done so far. */
interface Side {
  readonly entrant: Entrant;
  readonly rounds: Measurement[];
  arena?: Arena;
  skipped?: string;
  failed?: string;
}

/** Measures all entrants of a workload side by side: A B C, A B C, … An entrant that fails leaves the others running. */
export async function runWorkload(workload: Workload, mode: ServerMode, options: RunOptions): Promise<WorkloadResult> {
  const { log, rounds, dataDir } = options;
  log(`\n${workload.name} on ${mode.name}: ${workload.title}`);
  const sides: Side[] = workload.entrants(mode.name).map((entrant) => ({ entrant, rounds: [] }));
  const place = join(dataDir, `${workload.name}-${mode.name}`);
  try {
    for (const side of sides)
      await attempt(side, options, async () => {
        const { beside, name } = side.entrant;
        if (beside !== undefined) side.arena = arenaOf(sides, beside);
        else await prepare(side, mode, join(place, name), options);
      });
    if (workload.restSeconds) await delay(workload.restSeconds * 1000, undefined, { signal: options.signal });
    for (let round = 1; round <= rounds; round++) {
      for (const side of sides) {
        if (side.arena === undefined || side.failed !== undefined) continue;
        const { arena, entrant } = side;
        await attempt(side, options, async () => {
          const measurement = await measureEntrant(entrant, arena, round, options);
          side.rounds.push(measurement);
          log(`  ${round}/${rounds} ${entrant.name.padEnd(14)} ${describeMeasurement(measurement)}`);
        });
      }
    }
  } finally {
    const arenas = new Set(sides.map(({ arena }) => arena));
    await Promise.allSettled([...arenas].map(async (arena) => arena?.stop()));
    await rm(place, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }
  const { name, title, description } = workload;
  const entrants = sides.map(toResult);
  return { workload: name, title, description, mode: mode.name, finishedAt: new Date().toISOString(), entrants };
}

function arenaOf(sides: readonly Side[], name: string): Arena {
  const side = sides.find(({ entrant }) => entrant.name === name);
  if (!side?.arena || side.failed !== undefined) throw new Error(`it works beside ${name}, which is not there`);
  return side.arena;
}

async function prepare(side: Side, mode: ServerMode, dataDir: string, options: RunOptions): Promise<void> {
  const { entrant } = side;
  if (entrant.contender === 'memory') {
    side.arena = BARE_ARENA;
    return;
  }
  side.arena = await startArena(entrant, mode, options.sources, dataDir);
  await fillArena(entrant, side.arena, options);
  if (side.arena.nats) await leadStreamsByFirst(side.arena.nats);
  await side.arena.open();
}

/** Notes what goes wrong with a side; only the end of the whole run is passed on. */
async function attempt(side: Side, { signal, log }: RunOptions, act: () => Promise<void>): Promise<void> {
  signal.throwIfAborted();
  try {
    await act();
  } catch (error) {
    signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    if (error instanceof CannotTakePart) side.skipped = reason;
    else side.failed = reason;
    log(`  ${error instanceof CannotTakePart ? 'SKIPPED' : 'FAILED'} ${side.entrant.name}: ${reason}`);
  }
}

function toResult({ entrant, rounds, skipped, failed }: Side): EntrantResult {
  return {
    name: entrant.name,
    rounds,
    ...(skipped !== undefined && { skipped }),
    ...(failed !== undefined && { failed }),
  };
}

import { ClientProcess } from '../client/client-process.ts';
import { eventsIn } from '../task/fill-store.ts';
import type { Entrant } from '../workload/workload.ts';
import type { Arena } from './arena.ts';
import type { RunOptions } from './run-options.ts';

const TIMEOUT_MS = 20 * 60_000;
const PROGRESS_EVERY_MS = 10_000;
const WORTH_TELLING = 100_000;

/** Fills the store of an arena by a client process; without events it still makes the stream or the table. */
export async function fillArena(entrant: Entrant, arena: Arena, { signal, log }: RunOptions): Promise<void> {
  const contender = entrant.contender === 'raw' || entrant.contender === 'postgres' ? entrant.contender : 'annals';
  const total = eventsIn(entrant.fill);
  const startedAt = performance.now();
  let toldAt = startedAt;
  const job = { kind: 'fill', contender, place: arena.place, fill: entrant.fill } as const;
  await ClientProcess.run(job, { timeoutMs: TIMEOUT_MS, signal }, (message) => {
    const now = performance.now();
    if (message.kind !== 'progress' || now - toldAt < PROGRESS_EVERY_MS) return;
    toldAt = now;
    log(
      `  filling for ${entrant.name}: ${message.events.toLocaleString('en')} of ${total.toLocaleString('en')} events`,
    );
  });
  if (total < WORTH_TELLING) return;
  const seconds = (performance.now() - startedAt) / 1000;
  log(`  filled ${total.toLocaleString('en')} events for ${entrant.name} in ${seconds.toFixed(0)} s`);
}

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { EventStore } from '@annals/core';
import { openJetStreamStore } from '@annals/jetstream';
import { compareHandled } from './compare-handled.ts';
import { type ProjectedDatabase, openProjected, projectedModels } from './projected-tables.ts';

export interface ProjectionFaultOptions {
  readonly servers: string;
  readonly databases: readonly ProjectedDatabase[];
  readonly seconds: number;
  /** Processes that run the projections; one of them is active. */
  readonly processes: number;
  readonly log: (line: string) => void;
}

export interface ProjectionFaultResult {
  readonly events: number;
  readonly kills: number;
  readonly rebuilds: number;
  /** What the oracle found wrong. */
  readonly faults: readonly string[];
}

const AGGREGATES = 20;
const WRITERS = 4;
const SETTLE_MS = 60_000;
const LOOK_MS = 200;
const MAX_WORK_MS = 1_500;

/** Kills the processes that run projections with -9 at random points, and compares the read models with the log. */
export async function runProjectionFaults(options: ProjectionFaultOptions): Promise<ProjectionFaultResult> {
  const { servers, databases, seconds, processes, log } = options;
  const store = await openJetStreamStore({ servers });
  const opened = databases.map((database) => ({ database, sql: openProjected(database) }));
  const models = opened.flatMap(({ database, sql }) =>
    projectedModels(database, sql).map((model) => ({ ...model, sql })),
  );
  const children: ChildProcess[] = [];
  let [kills, rebuilds] = [0, 0];
  try {
    for (let i = 0; i < processes; i++) children.push(startChild(servers, databases));
    const endsAtMs = performance.now() + seconds * 1_000;
    const writing = Array.from({ length: WRITERS }, (_, i) => write(store, i, endsAtMs));
    const handled = (): Promise<number> => countRows(models);
    while (performance.now() < endsAtMs) {
      // A kill counts where something was under way.
      const before = await handled();
      while ((await handled()) === before && performance.now() < endsAtMs) await pause(LOOK_MS);
      await pause(Math.random() * MAX_WORK_MS);
      const victim = kills % processes;
      await kill(children[victim]!);
      kills++;
      children[victim] = startChild(servers, databases);
      const { projection } = models[Math.floor(Math.random() * models.length)]!;
      // Until somebody takes over nobody obeys: the wish stays.
      void store.projections.rebuild(projection.name).then(
        () => rebuilds++,
        () => undefined,
      );
    }
    await Promise.all(writing);
    log(`  ${kills} kills, ${rebuilds} rebuilds asked for; waiting until the read models hold all`);
    const faults: string[] = [];
    for (const { projection } of models) faults.push(...(await untilLive(store, projection.name)));
    const expected: number[] = [];
    for await (const { position } of store.readAll()) expected.push(position.sequence);
    for (const { projection, table, sql } of models) {
      const rows = await sql.db.selectFrom(table).select('sequence').execute();
      faults.push(
        ...compareHandled(
          projection.name,
          rows.map(({ sequence }) => sequence),
          expected,
        ),
      );
      const sums = await sql.db.selectFrom(table.replace('handled', 'sums')).select('total').execute();
      const total = sums.reduce((sum, row) => sum + row.total, 0);
      if (total !== expected.length)
        faults.push(`${projection.name}: its sums come to ${total}, not ${expected.length}`);
    }
    return { events: expected.length, kills, rebuilds, faults };
  } finally {
    await Promise.all(children.map(kill));
    for (const { sql } of opened) await sql.close();
    await store.close();
  }
}

/** Rows of all read models as readers see them; 0 for what is not there yet. */
async function countRows(
  models: readonly { readonly table: string; readonly sql: ReturnType<typeof openProjected> }[],
) {
  let rows = 0;
  for (const { table, sql } of models) {
    const counted = await sql.db
      .selectFrom(table)
      .select(({ fn }) => fn.countAll<number>().as('rows'))
      .executeTakeFirst()
      .catch(() => undefined);
    rows += Number(counted?.rows ?? 0);
  }
  return rows;
}

function startChild(servers: string, databases: readonly ProjectedDatabase[]): ChildProcess {
  const isSource = import.meta.url.endsWith('.ts');
  const program = fileURLToPath(new URL(`./projecting-process.${isSource ? 'ts' : 'js'}`, import.meta.url));
  const hooks = new URL('../../../libs/jetstream/typescript-hooks.mjs', import.meta.url).href;
  const register = `data:text/javascript,import { register } from 'node:module'; register('${hooks}');`;
  return fork(program, [JSON.stringify({ servers, databases })], {
    execArgv: isSource ? ['--conditions=@annals/source', '--import', register, '--no-warnings'] : [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

async function write(store: EventStore, writer: number, endsAtMs: number): Promise<void> {
  for (let n = 1; performance.now() < endsAtMs; n++) {
    const aggregate = { type: 'account', id: `${writer}-${n % AGGREGATES}` };
    const count = 1 + Math.floor(Math.random() * 5);
    await store.append(
      aggregate,
      Array.from({ length: count }, () => ({ type: 'account.changed', data: { n } })),
    );
    await pause(Math.random() * 20);
  }
}

async function untilLive(store: EventStore, name: string): Promise<readonly string[]> {
  const deadlineMs = performance.now() + SETTLE_MS;
  for (;;) {
    const status = await store.projections.get(name).catch(() => undefined);
    if (status?.state === 'live' && status.lagEvents === 0) return [];
    if (performance.now() > deadlineMs) {
      return [`${name} did not come up to date: ${JSON.stringify({ ...status, head: undefined })}`];
    }
    await pause(LOOK_MS);
  }
}

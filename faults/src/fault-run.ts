import { setTimeout as pause } from 'node:timers/promises';
import { connect } from '@nats-io/transport-node';
import { type TestNatsServer, eventually, startNatsCluster, startNatsServer } from '@annals/testing';
import { Journal } from './journal.ts';
import { type Verdict, faultsIn, judge } from './oracle.ts';
import { readLog } from './read-log.ts';
import type { OrphanAppend } from './writer-options.ts';
import { WriterProcess } from './writer-process.ts';

/** How one run of faults goes. */
export interface FaultRunOptions {
  readonly replicas: 1 | 3;
  readonly syncInterval: 'always' | 'default';
  readonly seconds: number;
  readonly processes: number;
  /** Concurrent writers in each process. */
  readonly writers: number;
  /** Milliseconds between two kills. */
  readonly killEveryMs: number;
  readonly log: (line: string) => void;
}

/** What a run came to. */
export interface FaultRunResult {
  readonly storedEvents: number;
  readonly appends: Journal['counts'];
  readonly serverKills: number;
  readonly writerKills: number;
  readonly verdict: Verdict;
  readonly faults: number;
  readonly failures: Journal['failures'];
}

const STREAM = 'EVENTS';
const SHARED_AGGREGATES = 8;
const PROGRESS_MS = 10_000;
/** The whole log of a run is held in memory to be judged. */
const SERVER_DOWN_MS = 300;

/**
 * Lets processes append at random to their own and to shared aggregates while servers and writers are killed with -9,
 * then compares the log with what the writers were told.
 */
export async function runFaults(options: FaultRunOptions): Promise<FaultRunResult> {
  const { replicas, syncInterval } = options;
  const cluster = replicas === 3 ? await startNatsCluster({ size: 3, syncInterval }) : undefined;
  const single = cluster ? undefined : await startNatsServer({ syncInterval });
  const servers = cluster?.servers ?? [single!];
  try {
    return await new FaultRun(options, servers, () => cluster?.waitUntilHealthy(60_000)).run();
  } finally {
    await (cluster ?? single!).stop();
  }
}

class FaultRun {
  private readonly journal = new Journal();
  private readonly writers: WriterProcess[] = [];
  private readonly urls: readonly string[];
  private nextName = 0;
  private serverKills = 0;
  private writerKills = 0;

  constructor(
    private readonly options: FaultRunOptions,
    private readonly servers: readonly TestNatsServer[],
    private readonly whenHealthy: () => Promise<void> | undefined,
  ) {
    this.urls = servers.map(({ url }) => url);
  }

  async run(): Promise<FaultRunResult> {
    for (let i = 0; i < this.options.processes; i++) this.writers.push(this.startWriter([]));
    await eventually(() => this.journal.counts.acked > 0);
    await this.killUntil(Date.now() + this.options.seconds * 1000);
    await this.whenHealthy();
    const exits = await Promise.all(this.writers.map((writer) => writer.stop()));
    if (exits.some((code) => code !== 0)) throw new Error(`writers ended with ${exits.join(', ')}`);
    return this.judge();
  }

  private async killUntil(endMs: number): Promise<void> {
    let progressMs = Date.now() + PROGRESS_MS;
    for (let turn = 0; Date.now() < endMs; turn++) {
      await pause(Math.min(this.options.killEveryMs, Math.max(0, endMs - Date.now())));
      if (Date.now() >= endMs) break;
      if (turn % 3 === 2) await this.killWriter();
      else await this.killServer();
      if (Date.now() < progressMs) continue;
      progressMs += PROGRESS_MS;
      const { acked, refused, unknown } = this.journal.counts;
      const left = Math.max(0, Math.round((endMs - Date.now()) / 1000));
      this.options.log(
        `  ${acked} acknowledged, ${refused} refused, ${unknown} unknown at first; ` +
          `${this.serverKills} server and ${this.writerKills} writer kills; ${left} s left`,
      );
    }
  }

  private async killServer(): Promise<void> {
    const server = this.servers[Math.floor(Math.random() * this.servers.length)]!;
    await server.kill('SIGKILL');
    this.serverKills++;
    await pause(SERVER_DOWN_MS * Math.random());
    await server.restart();
    await this.whenHealthy();
  }

  private async killWriter(): Promise<void> {
    const at = Math.floor(Math.random() * this.writers.length);
    const orphans = await this.writers[at]!.kill();
    this.writerKills++;
    this.writers[at] = this.startWriter(orphans);
  }

  private startWriter(orphans: readonly OrphanAppend[]): WriterProcess {
    const { replicas, writers } = this.options;
    const name = `w${this.nextName++}`;
    return new WriterProcess(
      { servers: this.urls, replicas, name, writers, sharedAggregates: SHARED_AGGREGATES, orphans },
      this.journal,
    );
  }

  private async judge(): Promise<FaultRunResult> {
    const nc = await connect({ servers: [...this.urls] });
    try {
      const log = await readLog(nc, STREAM);
      const verdict = judge(log, this.journal);
      const { counts: appends, failures } = this.journal;
      const { serverKills, writerKills } = this;
      return {
        storedEvents: log.length,
        appends,
        serverKills,
        writerKills,
        verdict,
        faults: faultsIn(verdict),
        failures,
      };
    } finally {
      await nc.close();
    }
  }
}

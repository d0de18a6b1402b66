import { StoreClosed, StoreUnavailable } from '../error/store-errors.ts';
import { ValidationError } from '../error/validation-error.ts';
import { resolveAggregateRef } from '../event/aggregate-ref.ts';
import { nameProblem } from '../event/name.ts';
import type { Logger } from '../logging/logger.ts';
import type { Checkpoint } from '../projection/checkpoint.ts';
import { pageLimit } from '../snapshot/check-snapshot.ts';
import type { Clock } from '../time/clock.ts';
import { type CheckedRun, checkRun } from './check-run.ts';
import { type Process, defineProcess } from './define-process.ts';
import { endedByOperator } from './instance-changes.ts';
import { type InstanceRef, type KeptInstance, instanceOf, summaryOf } from './kept-instance.ts';
import { ProcessInstanceEnded, ProcessInstanceNotFound, ProcessNotFound } from './process-errors.ts';
import { PROCESS_INSTANCE_STATES, type ProcessInstance, type ProcessInstanceSummary } from './process-instance.ts';
import type { FoundInstance, ProcessRecords } from './process-records.ts';
import { ProcessRunner } from './process-runner.ts';
import type { ProcessStatus } from './process-status.ts';
import type { ProcessStore } from './process-store.ts';
import type {
  ProcessInstancePage,
  ProcessInstanceSelection,
  Processes,
  RunProcessOptions,
  RunningProcess,
} from './processes.ts';

export interface KeptProcessesParts {
  readonly store: ProcessStore;
  readonly records: ProcessRecords;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Throws StoreClosed once the store is. */
  readonly checkOpen: () => void;
}

const MAX_REASON = 1_000;
const MAX_END_TRIES = 20;
const READ_AHEAD = 32;

/** The port, for every store that can keep {@link ProcessRecords}. */
export class KeptProcesses implements Processes {
  private readonly runners = new Set<ProcessRunner>();
  private isClosing = false;

  constructor(private readonly parts: KeptProcessesParts) {}

  async run<State>(process: Process<State>, options: RunProcessOptions = {}): Promise<RunningProcess> {
    this.parts.checkOpen();
    const { store, records, clock, logger } = this.parts;
    const checked = { ...process, ...defineProcess(process) } as unknown as Process;
    const run = checkRun(checked, options);
    await records.begin(checked.name, await this.beginningOf(run.from));
    const runner: ProcessRunner = new ProcessRunner(
      {
        store,
        records,
        clock,
        logger,
        status: () => this.get(checked.name),
        onStop: () => void this.runners.delete(runner),
      },
      checked,
      run,
    );
    if (!(await records.published(checked.name))) await records.publish(runner.published());
    if (this.isClosing) throw new StoreClosed();
    this.runners.add(runner);
    runner.start();
    return runner;
  }

  async list(): Promise<readonly ProcessStatus[]> {
    this.parts.checkOpen();
    const names = await this.parts.records.names();
    const all = await Promise.all(names.map((name) => this.statusOf(name)));
    return all.filter((status) => status !== undefined);
  }

  async get(name: string): Promise<ProcessStatus> {
    this.parts.checkOpen();
    const status = await this.statusOf(name);
    if (!status) throw new ProcessNotFound(name);
    return status;
  }

  async instances(
    name: string,
    selection: ProcessInstanceSelection = {},
    page: { readonly limit?: number | undefined; readonly cursor?: string | undefined } = {},
  ): Promise<ProcessInstancePage> {
    const limit = pageLimit(page.limit);
    const after = placeOf(page.cursor);
    const { state, tenantId } = checkSelection(selection);
    await this.checkKnown(name);
    const instances: ProcessInstanceSummary[] = [];
    let last = '';
    for await (const { place, instance } of this.listed(name, after, tenantId)) {
      if (state !== undefined && instance.state !== state) continue;
      if (instances.length === limit) return { instances, nextCursor: Buffer.from(last).toString('base64url') };
      instances.push(summaryOf(instance));
      last = place;
    }
    return { instances };
  }

  async instance(
    name: string,
    key: string,
    options: { readonly tenantId?: string | undefined } = {},
  ): Promise<ProcessInstance> {
    return instanceOf((await this.found(name, refOf(key, options.tenantId))).instance);
  }

  async end(
    name: string,
    key: string,
    options: { readonly tenantId?: string | undefined; readonly reason?: string | undefined } = {},
  ): Promise<ProcessInstance> {
    const { reason = 'ended by an operator' } = options;
    if (typeof reason !== 'string' || reason.length > MAX_REASON) {
      throw new ValidationError([{ path: 'reason', message: `must be a text of at most ${MAX_REASON} characters` }]);
    }
    const { records, clock } = this.parts;
    const ref = refOf(key, options.tenantId);
    for (let tries = 0; ; tries++) {
      const { instance, revision } = await this.found(name, ref);
      if (instance.endedAt !== undefined) throw new ProcessInstanceEnded(name, key, instance.state);
      const ended = endedByOperator(instance, reason, clock.now());
      if (await records.put(name, ended, revision)) {
        await records.archive(name, ended);
        return instanceOf(ended);
      }
      if (tries >= MAX_END_TRIES) throw new StoreUnavailable(`instance ${key} is being changed all the time`);
    }
  }

  /** True while something runs in this process. */
  get isRunning(): boolean {
    return this.runners.size > 0;
  }

  /** Stops all that runs in this process. */
  async close(): Promise<void> {
    this.isClosing = true;
    await Promise.all([...this.runners].map((runner) => runner.stop()));
  }

  /** Reads some ahead: a list by state may pass over many. */
  private async *listed(
    name: string,
    after: string | undefined,
    tenantId: string | undefined,
  ): AsyncGenerator<{ readonly place: string; readonly instance: KeptInstance }, void, undefined> {
    const { records } = this.parts;
    const wanted: { readonly place: string; readonly found: Promise<FoundInstance | undefined> }[] = [];
    const next = async function* (atMost: number): AsyncGenerator<{ place: string; instance: KeptInstance }> {
      while (wanted.length > atMost) {
        const { place, found } = wanted.shift()!;
        const instance = (await found)?.instance;
        if (instance) yield { place, instance };
      }
    };
    for await (const { place, ref } of records.list(name, after)) {
      if (tenantId !== undefined && ref.tenantId !== tenantId) continue;
      const found = records.find(name, ref);
      // Its failure is thrown where it is waited for, or of no interest.
      found.catch(() => {});
      wanted.push({ place, found });
      yield* next(READ_AHEAD);
    }
    yield* next(0);
  }

  private async beginningOf(from: CheckedRun['from']): Promise<Checkpoint> {
    if (typeof from === 'object') return from.after;
    const heads = await this.parts.store.heads();
    return from === 'now' ? heads : heads.map(({ stream }) => ({ stream, sequence: 0 }));
  }

  private async checkKnown(name: string): Promise<void> {
    this.parts.checkOpen();
    if (!(await this.parts.records.published(name))) throw new ProcessNotFound(name);
  }

  private async found(name: string, ref: InstanceRef): Promise<FoundInstance> {
    await this.checkKnown(name);
    const found = await this.parts.records.find(name, ref);
    if (!found) throw new ProcessInstanceNotFound(name, ref.key, ref.tenantId);
    return found;
  }

  private async statusOf(name: string): Promise<ProcessStatus | undefined> {
    const { records, store } = this.parts;
    const local = [...this.runners].find((runner) => runner.name === name && runner.isActive);
    const published = local?.published() ?? (await records.published(name));
    if (!published) return undefined;
    const checkpoint = local ? published.checkpoint : ((await records.checkpoint(name)) ?? published.checkpoint);
    const isRun = local !== undefined || (await records.isRun(name));
    const { eventTypes, error, activeInstances, nextTimerAt, ...rest } = published;
    const lagEvents = await store.count({ eventTypes, after: checkpoint });
    return {
      ...rest,
      state: error ? 'failing' : isRun ? 'running' : 'standby',
      eventTypes,
      checkpoint,
      lagEvents,
      activeInstances,
      ...(nextTimerAt !== undefined && { nextTimerAt }),
      ...(error && { error }),
    };
  }
}

function refOf(key: string, tenantId: string | undefined): InstanceRef {
  const problems = [];
  const ref = resolveAggregateRef({ type: 'any', id: key, tenantId });
  for (const [path, value] of [
    ['key', key],
    ['tenantId', ref.tenantId],
  ]) {
    const message = nameProblem(value);
    if (message !== undefined) problems.push({ path: path!, message });
  }
  if (problems.length > 0) throw new ValidationError(problems);
  return { tenantId: ref.tenantId, key };
}

function checkSelection(selection: ProcessInstanceSelection): ProcessInstanceSelection {
  const { state, tenantId } = selection;
  const problems = [];
  if (state !== undefined && !PROCESS_INSTANCE_STATES.includes(state)) {
    problems.push({ path: 'state', message: `must be one of ${PROCESS_INSTANCE_STATES.join(', ')}` });
  }
  const wrong = tenantId === undefined ? undefined : nameProblem(tenantId);
  if (wrong !== undefined) problems.push({ path: 'tenantId', message: wrong });
  if (problems.length > 0) throw new ValidationError(problems);
  return selection;
}

function placeOf(cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined;
  if (typeof cursor === 'string' && /^[A-Za-z0-9_-]{1,1000}$/.test(cursor)) {
    return Buffer.from(cursor, 'base64url').toString();
  }
  throw new ValidationError([{ path: 'cursor', message: 'must be one that an earlier page gave' }]);
}

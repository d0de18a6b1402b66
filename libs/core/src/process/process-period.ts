import { StoreUnavailable } from '../error/store-errors.ts';
import type { RecordedEvent } from '../event/event-message.ts';
import type { Logger } from '../logging/logger.ts';
import { type Checkpoint, covers, sequenceIn } from '../projection/checkpoint.ts';
import { paused } from '../projection/paused.ts';
import type { Clock } from '../time/clock.ts';
import type { CheckedRun } from './check-run.ts';
import { correlated, tokenOf } from './correlated.ts';
import { type Process, eventTypesOf } from './define-process.ts';
import { InstanceEffects } from './instance-effects.ts';
import { afterEvent, afterTimers, goingOn } from './instance-changes.ts';
import { InstanceTimers } from './instance-timers.ts';
import { KeyLanes } from './key-lanes.ts';
import { type InstanceRef, type KeptInstance, isSettled } from './kept-instance.ts';
import { PositionFloor } from './position-floor.ts';
import type { ProcessRecords, ProcessTurn } from './process-records.ts';
import type { ProcessStore } from './process-store.ts';

export interface PeriodParts {
  readonly store: ProcessStore;
  readonly records: ProcessRecords;
  readonly process: Process;
  readonly run: CheckedRun;
  readonly turn: ProcessTurn;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Events in hand at most: who reads faster waits. */
const MAX_IN_HAND = 256;
const PARALLEL_SCAN = 32;
const MAX_TRIES = 50;
const CATCH_UP_MS = 25;
const CHECKPOINT_MS = 500;

/** From when this process has the turn of a process manager until it stops, loses it or fails. */
export class ProcessPeriod {
  private readonly ending = new AbortController();
  private readonly abandoning = new AbortController();
  private readonly lanes = new KeyLanes();
  private readonly timers: InstanceTimers;
  private readonly active = new Set<string>();
  private readonly effects: InstanceEffects;
  private floor = new PositionFloor([]);
  private saved: Checkpoint | undefined;
  private makeRoom = (): void => {};
  private failure: { readonly error: unknown } | undefined;

  constructor(
    private readonly parts: PeriodParts,
    /** Called when there is something new to tell. */
    private readonly onChange: () => void,
    /** Called now and then as long as nothing keeps it from going on. */
    private readonly onHealthy: () => void,
  ) {
    const { store, process, run, clock, logger } = parts;
    this.timers = new InstanceTimers({
      clock,
      ending: this.ending.signal,
      untilDecidedUpon: () => this.untilDecidedUpon(),
      fire: (ref, nowMs) => void this.inLane(ref, () => this.fire(ref, nowMs)),
    });
    this.effects = new InstanceEffects({
      carrying: { store, process, run, abandon: this.abandoning.signal },
      find: async (ref) => (await parts.records.find(process.name, ref))?.instance,
      change: (ref, change) => this.change(ref, change),
      onFailure: (error) => this.fail(error),
      ending: this.ending.signal,
      clock,
      logger,
    });
  }

  get checkpoint(): Checkpoint {
    return this.floor.checkpoint;
  }

  get activeInstances(): number {
    return this.active.size;
  }

  get nextTimerMs(): number | undefined {
    return this.timers.nextMs;
  }

  /** Runs until {@link end}; rejects when it cannot go on. */
  async run(): Promise<void> {
    const { lost } = this.parts.turn;
    const onLost = (): void => {
      this.abandoning.abort(lost.reason);
      this.fail(lost.reason);
    };
    lost.addEventListener('abort', onLost);
    try {
      await this.takeOver();
      const guard = (work: Promise<void>): Promise<void> => work.catch((error: unknown) => this.fail(error));
      await Promise.all([guard(this.followOn()), guard(this.timers.run()), guard(this.keepCheckpoint())]);
    } catch (error) {
      this.fail(error);
    } finally {
      await this.lanes.idle();
      await this.effects.idle();
      lost.removeEventListener('abort', onLost);
    }
    if (this.failure) throw this.failure.error;
    await this.saveCheckpoint();
  }

  /** Begins nothing new; what is in hand is finished. */
  end(): void {
    this.ending.abort(new Error('the process stops'));
    this.timers.wake();
    this.makeRoom();
  }

  /** Waits for commands no longer. */
  abandon(): void {
    this.abandoning.abort(new Error('the process stops'));
  }

  private fail(error: unknown): void {
    if (!this.ending.signal.aborted) this.failure ??= { error };
    this.end();
  }

  /** Picks up what the one before left: effects, timers, instances that stand still or are to be put away. */
  private async takeOver(): Promise<void> {
    const { records, store, process } = this.parts;
    const [checkpoint, heads] = [(await records.checkpoint(process.name)) ?? [], await store.heads()];
    const unread = heads.filter(({ stream }) => checkpoint.every((known) => known.stream !== stream));
    this.floor = new PositionFloor([...checkpoint, ...unread.map(({ stream }) => ({ stream, sequence: 0 }))]);
    const refs = await records.active(process.name);
    for (let i = 0; i < refs.length && !this.ending.signal.aborted; i += PARALLEL_SCAN) {
      await Promise.all(refs.slice(i, i + PARALLEL_SCAN).map((ref) => this.pickUp(ref)));
    }
    this.onChange();
  }

  private async pickUp(ref: InstanceRef): Promise<void> {
    const { records, process } = this.parts;
    const found = await records.find(process.name, ref);
    if (!found) return;
    await this.noticed(found.instance);
    // As of before anything is followed: what comes behind it is handed over as usual, and handled once.
    const { begun } = this.floor;
    if (found.instance.held && found.instance.endedAt === undefined) {
      void this.inLane(ref, () => this.resume(ref, begun));
    }
  }

  private async followOn(): Promise<void> {
    const { store, process } = this.parts;
    const { signal } = this.ending;
    const filter = { eventTypes: eventTypesOf(process) };
    for await (const event of store.follow(filter, { from: { after: this.floor.begun }, signal })) {
      while (this.floor.inHand >= MAX_IN_HAND && !signal.aborted) {
        await new Promise<void>((resolve) => (this.makeRoom = resolve));
      }
      if (signal.aborted) return;
      await this.dispatch(event);
    }
    if (!signal.aborted) throw new StoreUnavailable('the following of its events ended');
  }

  private async dispatch(stored: RecordedEvent): Promise<void> {
    const groups = await correlated(this.parts.process, stored);
    const done = this.floor.begin(stored.position);
    const handled = groups.map(({ ref, parts }) => this.inLane(ref, () => this.handle(ref, parts)));
    if (groups.length === 0) return done();
    void Promise.all(handled).then((all) => {
      // What failed is read again by the next period.
      if (all.includes(false)) return;
      done();
      this.makeRoom();
    });
  }

  /** @returns true when the instance stands still by it */
  private async handle(ref: InstanceRef, parts: readonly RecordedEvent[], resuming = false): Promise<boolean> {
    const { process, clock, logger } = this.parts;
    let changed: KeptInstance | undefined;
    await this.change(ref, (before) => (changed = afterEvent(process, ref, before, parts, clock.now(), resuming)));
    if (changed?.state !== 'failed' || !changed.held || changed.endedAt !== undefined) return false;
    logger.error(`an instance of process ${process.name} stands still`, { ...ref, error: changed.error });
    return true;
  }

  /** Tries an instance again that stood still: all that waits is read once more. */
  private async resume(ref: InstanceRef, begun: Checkpoint): Promise<void> {
    const { store, process, records } = this.parts;
    const found = await records.find(process.name, ref);
    const held = found?.instance.held;
    if (!held) return;
    const after = begun.map(({ stream, sequence }) => {
      const waits = sequenceIn(held, stream);
      return { stream, sequence: waits > 0 ? waits - 1 : sequence };
    });
    const filter = { eventTypes: eventTypesOf(process), tenantId: ref.tenantId };
    for await (const stored of store.readAll({ ...filter, after, signal: this.ending.signal })) {
      const group = (await correlated(this.parts.process, stored)).find((other) => tokenOf(other.ref) === tokenOf(ref));
      if (!group) continue;
      if (await this.handle(ref, group.parts, true)) return;
    }
    await this.change(ref, (before) => before && goingOn(before));
  }

  private async fire(ref: InstanceRef, nowMs: number): Promise<void> {
    const { process } = this.parts;
    for (;;) {
      let fired: KeptInstance | undefined;
      const instance = await this.change(ref, (before) => (fired = before && afterTimers(process, before, nowMs)));
      if (fired) continue;
      // The one that was in the queue may have been cancelled.
      if (instance) this.timers.remember(instance);
      return this.onChange();
    }
  }

  /** Waits until every event that is stored now has been handed to its instance: it was there before the timers fire. */
  private async untilDecidedUpon(): Promise<void> {
    const { store, process } = this.parts;
    const { signal } = this.ending;
    const heads = await store.heads();
    while (!signal.aborted) {
      const { begun } = this.floor;
      if (covers(begun, heads)) return;
      if ((await store.count({ eventTypes: eventTypesOf(process), after: begun })) === 0) return this.floor.pass(heads);
      await paused(CATCH_UP_MS, signal);
    }
  }

  private async keepCheckpoint(): Promise<void> {
    const { signal } = this.ending;
    while (!signal.aborted) {
      await paused(CHECKPOINT_MS, signal);
      if (signal.aborted) return;
      await this.saveCheckpoint();
      this.onHealthy();
    }
  }

  private async saveCheckpoint(): Promise<void> {
    const { records, process, turn } = this.parts;
    const { checkpoint } = this.floor;
    if (checkpoint === this.saved || !turn.isHeld) return;
    await records.saveCheckpoint(process.name, checkpoint);
    this.saved = checkpoint;
    this.onChange();
  }

  /** @returns false when it failed, which ends the period */
  private async inLane(ref: InstanceRef, task: () => Promise<unknown>): Promise<boolean> {
    try {
      await this.lanes.run(tokenOf(ref), async () => {
        if (this.failure) throw this.failure.error;
        await task();
      });
      return true;
    } catch (error) {
      this.fail(error);
      return false;
    }
  }

  /** Writes what becomes of an instance; again from what it is then, where somebody else was faster. */
  private async change(
    ref: InstanceRef,
    change: (before: KeptInstance | undefined) => KeptInstance | undefined,
  ): Promise<KeptInstance | undefined> {
    const { records, process, turn } = this.parts;
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const found = await records.find(process.name, ref);
      const after = change(found?.instance);
      if (!after) return found?.instance;
      // A replica that was frozen must not write what it decided before.
      if (!turn.isHeld) throw new Error(`another replica runs process ${process.name} now`);
      if (await records.put(process.name, after, found?.revision ?? 0)) {
        await this.noticed(after);
        return after;
      }
      await paused(Math.random() * 20, this.abandoning.signal);
    }
    throw new StoreUnavailable(`instance ${ref.key} of process ${process.name} is being changed all the time`);
  }

  private async noticed(instance: KeptInstance): Promise<void> {
    const { records, process } = this.parts;
    const token = tokenOf(instance);
    if (isSettled(instance)) {
      await records.archive(process.name, instance);
      this.active.delete(token);
      return;
    }
    this.active.add(token);
    this.timers.remember(instance);
    this.effects.begin(instance);
  }
}

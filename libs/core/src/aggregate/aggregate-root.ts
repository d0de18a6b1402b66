import type { ExpectedVersion } from '../append/expected-version.ts';
import { nameProblem } from '../event/name.ts';
import type { NewEvent } from '../event/new-event.ts';
import type { EventMessage } from '../event/event-message.ts';
import { ValidationError } from '../error/validation-error.ts';

/** An event that an aggregate raised and that is not published yet. */
export interface DomainEventToPublish extends NewEvent {
  readonly aggregateType: string;
  readonly aggregateId: string;
  /** What the head must be before it. */
  readonly expectedVersion: ExpectedVersion;
}

/** What an aggregate's `when` is given: an event of the store, or one that it has just raised. */
export type AppliedEvent = Pick<EventMessage, 'type' | 'data'> & Partial<EventMessage>;

/** The part of an aggregate's class that makes instances. */
type RootClass<Root extends AggregateRoot> = new (id: string) => Root;

/**
 * An aggregate in the form of a class: methods decide and raise events by {@link apply}, `when` follows them.
 *
 * Fields of the class are its state and part of its snapshot; they must be JSON values.
 *
 * @example
 * class Requirement extends AggregateRoot {
 *   status = 'draft';
 *   readonly aggregateType = 'Requirement';
 *   approve(by: string): void {
 *     if (this.status === 'approved') throw new Error('is approved already');
 *     this.apply('RequirementApproved', { by });
 *   }
 *   protected when(event: AppliedEvent): void {
 *     if (event.type === 'RequirementApproved') this.status = 'approved';
 *   }
 * }
 */
export abstract class AggregateRoot {
  abstract readonly aggregateType: string;
  readonly id: string;
  #version = 0;
  #raised: NewEvent[] = [];

  constructor(id: string) {
    const problem = nameProblem(id);
    if (problem !== undefined) throw new ValidationError([{ path: 'id', message: problem }]);
    this.id = id;
  }

  /** An aggregate from all of its events, in version order. */
  static fromEvents<Root extends AggregateRoot>(
    this: RootClass<Root>,
    events: readonly EventMessage[],
    id?: string,
  ): Root {
    const root = new this(id ?? idOf(events));
    for (const event of events) root.applyEvent(event);
    return root;
  }

  /** An aggregate from a snapshot and the events behind it. */
  static fromSnapshotAndEvents<Root extends AggregateRoot>(
    this: RootClass<Root>,
    snapshot: RootSnapshot,
    events: readonly EventMessage[],
  ): Root {
    const root = new this(snapshot.id);
    // Id and type are the class's own, whatever an old snapshot says of them.
    const { id: _id, aggregateType: _type, ...state } = structuredClone(snapshot.state) as Record<string, unknown>;
    Object.assign(root, state);
    root.#version = snapshot.version;
    for (const event of events) if ((event.version ?? 0) > snapshot.version) root.applyEvent(event);
    return root;
  }

  /** Of the newest stored event that it knows; raised events do not count until they are published. */
  get version(): number {
    return this.#version;
  }

  /** Follows a stored event. */
  applyEvent(event: EventMessage): void {
    this.when(event);
    this.#version = event.version ?? this.#version;
  }

  /** The events raised since they were cleared last, ready to be published. */
  getDomainEvents(): readonly DomainEventToPublish[] {
    const { aggregateType, id } = this;
    const expected = this.#version;
    return this.#raised.map((event, i) => ({
      ...event,
      aggregateType,
      aggregateId: id,
      expectedVersion: expected + i === 0 ? 'none' : expected + i,
    }));
  }

  /** Forgets the raised events, which are published now: they count as stored. */
  clearDomainEvents(): void {
    this.#version += this.#raised.length;
    this.#raised = [];
  }

  /**
   * The state for a snapshot.
   *
   * @throws ValidationError while events are raised and not published: they may yet be refused
   */
  getSnapshot(): RootSnapshot {
    if (this.#raised.length > 0) {
      throw new ValidationError([
        { path: 'events', message: 'must be published and cleared before a snapshot is taken' },
      ]);
    }
    const { id: _id, aggregateType: _type, ...state } = this as unknown as Record<string, unknown>;
    return { id: this.id, version: this.#version, state: structuredClone(state) };
  }

  /** Raises an event: it is followed at once, and waits to be published. */
  protected apply<Data>(type: string, data: Data, envelope: Omit<NewEvent, 'type' | 'data'> = {}): void {
    const event: NewEvent = { ...envelope, type, data };
    this.when(event as AppliedEvent);
    this.#raised.push(event);
  }

  /** Changes the fields by an event. It must not decide anything: the event has happened. */
  protected abstract when(event: AppliedEvent): void;
}

/** An aggregate's fields at a version. */
export interface RootSnapshot {
  readonly id: string;
  readonly version: number;
  readonly state: Readonly<Record<string, unknown>>;
}

function idOf(events: readonly EventMessage[]): string {
  const id = events[0]?.aggregateId;
  if (id !== undefined) return id;
  throw new ValidationError([{ path: 'id', message: 'must be given where there are no events that name it' }]);
}

import type { RecordedEvent } from '../event/event-message.ts';
import { eventTypeProblem } from '../event/event-type.ts';
import { type ValidationProblem, ValidationError } from '../error/validation-error.ts';
import { isThenable } from '../state/reducer-failed.ts';
import { EventSplit, type MigrateData, type Migration, type SplitPart } from './migration.ts';
import { UpcastFailed } from './upcast-failed.ts';

/** How a stored schema version relates to the current one. */
export type WayToCurrent = 'current' | 'migrates' | 'newer' | 'no-way';

interface Step {
  readonly to: number;
  readonly migrate: MigrateData;
}

/** What is known of one event type. */
interface TypeSteps {
  readonly steps: Map<number, Step>;
  /** The declared version, or the highest that a migration leads to. */
  current: number;
  declared: boolean;
  oldest: number;
}

/** An event that splits again and again would otherwise do so for ever. */
const MAX_STEPS = 1_000;

/**
 * The steps from stored schema versions to the current ones.
 *
 * A type without steps and without declared version is left alone; so is an event of a version above the current one, which
 * a newer release wrote: its reader must bear more than it knows.
 */
export class Upcaster {
  private readonly types = new Map<string, TypeSteps>();

  /** @throws ValidationError for a step that goes nowhere or is there already */
  register({ eventType, from, to, migrate }: Migration): void {
    const problems: ValidationProblem[] = [];
    const add = (path: string, message: string | undefined): void => {
      if (message !== undefined) problems.push({ path, message });
    };
    add('eventType', eventTypeProblem(eventType));
    if (!isVersion(from)) add('from', 'must be a whole number from 1');
    if (!isVersion(to) || to <= from) add('to', 'must be a whole number above from: a step back would never end');
    if (typeof migrate !== 'function') add('migrate', 'must be a function');
    if (this.types.get(eventType)?.steps.has(from)) {
      add('from', `has a migration already: of ${eventType} only one can begin at version ${from}`);
    }
    if (problems.length > 0) throw new ValidationError(problems);
    const known = this.typeOf(eventType);
    known.steps.set(from, { to, migrate });
    if (!known.declared) known.current = Math.max(known.current, to);
  }

  /** @param oldest the first version that was ever stored */
  declare(eventType: string, current: number, oldest = 1): void {
    const known = this.typeOf(eventType);
    Object.assign(known, { current, oldest, declared: true });
  }

  get hasSteps(): boolean {
    return this.types.size > 0;
  }

  /** Of a type that has steps or a declared version. */
  currentVersion(eventType: string): number | undefined {
    return this.types.get(eventType)?.current;
  }

  /** What is wrong with the steps as a whole: gaps, and steps past the declared version. */
  problems(): readonly ValidationProblem[] {
    return [...this.types].flatMap(([eventType, known]) => problemsOf(eventType, known));
  }

  /** Whether events that are stored with this version can be read. */
  wayFrom(eventType: string, version: number): WayToCurrent {
    const known = this.types.get(eventType);
    if (!known || version === known.current) return 'current';
    if (version > known.current) return 'newer';
    let at = version;
    while (at < known.current) {
      const step = known.steps.get(at);
      if (!step) return 'no-way';
      at = step.to;
    }
    return 'migrates';
  }

  /**
   * The event as it is today: itself where it is current, else a new one, or several, or none.
   *
   * @throws UpcastFailed
   */
  upcast(event: RecordedEvent): RecordedEvent | readonly RecordedEvent[] {
    const known = this.types.get(event.type);
    if (known === undefined || event.schemaVersion >= known.current) return event;
    return this.migrated(event, known);
  }

  private migrated(stored: RecordedEvent, known: TypeSteps): RecordedEvent | readonly RecordedEvent[] {
    let { data, schemaVersion } = stored;
    for (let steps = 0; schemaVersion < known.current; steps++) {
      const result = this.step(stored, known, schemaVersion, data);
      if (result.outcome instanceof EventSplit) {
        return this.split(stored, result.outcome.parts, result.to, steps);
      }
      data = result.outcome;
      schemaVersion = result.to;
    }
    return { ...stored, data, schemaVersion };
  }

  private step(
    stored: RecordedEvent,
    known: TypeSteps,
    from: number,
    data: unknown,
  ): { readonly outcome: unknown; readonly to: number } {
    const step = known.steps.get(from);
    if (!step) throw new UpcastFailed(stored, from, `there is no migration to version ${known.current}`);
    let outcome: unknown;
    try {
      outcome = step.migrate(data as never, stored);
    } catch (cause) {
      throw new UpcastFailed(stored, from, `the migration to ${step.to} threw ${messageOf(cause)}`, { cause });
    }
    if (isThenable(outcome)) throw new UpcastFailed(stored, from, `the migration to ${step.to} returned a promise`);
    if (outcome === undefined) throw new UpcastFailed(stored, from, `the migration to ${step.to} returned nothing`);
    return { outcome, to: step.to };
  }

  /** Brings every part to its own type's current version; parts may split again. */
  private split(stored: RecordedEvent, parts: readonly SplitPart[], to: number, steps: number): RecordedEvent[] {
    const events: RecordedEvent[] = [];
    const open = [...parts].reverse().map((part) => ({ part, version: this.versionOf(stored, part, to) }));
    for (let next = open.pop(); next; next = open.pop()) {
      const type = next.part.type ?? stored.type;
      const known = this.types.get(type);
      let { data } = next.part;
      let { version } = next;
      let again: EventSplit | undefined;
      while (known && version < known.current && !again) {
        if (++steps > MAX_STEPS) throw new UpcastFailed(stored, version, `it splits for more than ${MAX_STEPS} steps`);
        const result = this.step({ ...stored, type }, known, version, data);
        if (result.outcome instanceof EventSplit) again = result.outcome;
        else data = result.outcome;
        version = result.to;
      }
      if (!again) events.push({ ...stored, type, data, schemaVersion: version });
      else {
        const of = { ...stored, type };
        for (const part of [...again.parts].reverse()) {
          open.push({ part: { type, ...part }, version: this.versionOf(of, part, version) });
        }
      }
    }
    return events.map((event, i) => ({ ...event, part: { index: i + 1, of: events.length } }));
  }

  private versionOf(stored: RecordedEvent, part: SplitPart, to: number): number {
    if (part.schemaVersion !== undefined) return part.schemaVersion;
    if (part.type === undefined || part.type === stored.type) return to;
    return this.types.get(part.type)?.current ?? 1;
  }

  private typeOf(eventType: string): TypeSteps {
    let known = this.types.get(eventType);
    if (!known) {
      known = { steps: new Map(), current: 1, declared: false, oldest: 1 };
      this.types.set(eventType, known);
    }
    return known;
  }
}

function problemsOf(eventType: string, { steps, current, declared, oldest }: TypeSteps): ValidationProblem[] {
  const path = `migrations.${eventType}`;
  const problems: ValidationProblem[] = [];
  for (const [from, { to }] of steps) {
    if (declared && to > current) {
      problems.push({ path, message: `leads from version ${from} to ${to}, past the declared version ${current}` });
    } else if (to < current && !steps.has(to)) {
      problems.push({ path, message: `has a gap: nothing leads on from version ${to}, the current one is ${current}` });
    }
  }
  if (declared && oldest < current && !steps.has(oldest)) {
    const message = `has a gap: nothing leads from version ${oldest} to ${current}; add it, or say oldestVersion: ${current}`;
    problems.push({ path, message });
  }
  return problems;
}

function isVersion(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

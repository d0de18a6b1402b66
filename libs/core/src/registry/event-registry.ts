import { type ValidationProblem, ValidationError } from '../error/validation-error.ts';
import type { RecordedEvent } from '../event/event-message.ts';
import { eventTypeProblem, isReservedType } from '../event/event-type.ts';
import { type DeclarativeMigration, declaredMigration } from '../upcast/declarative-migration.ts';
import type { MigrateData } from '../upcast/migration.ts';
import { Upcaster, type WayToCurrent } from '../upcast/upcaster.ts';
import type { EventDeclaration, EventDeclarations } from './event-declaration.ts';
import { type ClassSupport, type DataProblems, plainClasses, schemaProblems } from './event-schema.ts';

/** How a registry treats what it does not know. */
export interface EventRegistryOptions {
  /** Whether types that are not declared may be appended: `'allow'` unless given. */
  readonly unknownTypes?: 'allow' | 'reject' | undefined;
  /** How classes are checked and revived; by prototype and without checks unless given. */
  readonly classes?: ClassSupport | undefined;
}

/**
 * The event types that a service knows: their schemas, versions and migrations. Given to a store, every append is checked
 * by it and every event read is brought to its current schema version.
 *
 * It is filled while the application starts; then {@link seal} checks it as a whole.
 */
export class EventRegistry {
  private readonly upcaster = new Upcaster();
  private readonly declarations = new Map<string, EventDeclaration>();
  private readonly unknownTypes: 'allow' | 'reject';
  private classes: ClassSupport;
  private sealed = false;
  private readonly waiting: { readonly resolve: () => void; readonly reject: (error: unknown) => void }[] = [];

  /** @throws ValidationError for options that cannot be */
  constructor(options: EventRegistryOptions = {}) {
    const { unknownTypes = 'allow', classes = plainClasses } = options;
    if (unknownTypes !== 'allow' && unknownTypes !== 'reject') {
      throw new ValidationError([{ path: 'unknownTypes', message: "must be 'allow' or 'reject'" }]);
    }
    this.unknownTypes = unknownTypes;
    this.classes = classes;
  }

  /** True once {@link seal} found nothing wrong. */
  get isSealed(): boolean {
    return this.sealed;
  }

  /** True when nothing is declared and every type may be appended: a store need not ask. */
  get isEmpty(): boolean {
    return this.declarations.size === 0 && this.unknownTypes === 'allow' && !this.upcaster.hasSteps;
  }

  /** Gives classes the support that the registry was not made with. */
  supportClasses(classes: ClassSupport): this {
    if (this.classes === plainClasses) this.classes = classes;
    return this;
  }

  /**
   * Adds event types.
   *
   * @throws ValidationError with every problem; one that is declared already, differently, is a problem
   */
  add(declarations: EventDeclarations): this {
    this.checkOpen();
    const problems: ValidationProblem[] = [];
    for (const [type, declaration] of Object.entries(declarations)) {
      if (this.declarations.get(type) === declaration) continue;
      const found = declarationProblems(type, declaration, this.declarations.has(type));
      problems.push(...found);
      if (found.length === 0) this.declare(type, declaration);
    }
    if (problems.length > 0) throw new ValidationError(problems);
    return this;
  }

  /**
   * Adds a step between schema versions.
   *
   * @param from schema version as a number, or as `'v1'`
   * @throws ValidationError when it goes nowhere or back, or one begins at `from` already
   */
  registerMigration(
    eventType: string,
    from: number | string,
    to: number | string,
    migration: MigrateData | DeclarativeMigration,
  ): this {
    this.checkOpen();
    this.upcaster.register({ eventType, from: versionOf(from), to: versionOf(to), migrate: migrateOf(migration) });
    return this;
  }

  /**
   * Closes the registry and checks it as a whole. Twice is harmless.
   *
   * @param alsoWrong problems that were found while it was filled
   * @throws ValidationError with these and every gap
   */
  seal(alsoWrong: readonly ValidationProblem[] = []): this {
    if (this.sealed) return this;
    const problems = [...alsoWrong, ...this.upcaster.problems()];
    const waiting = this.waiting.splice(0);
    if (problems.length > 0) {
      const error = new ValidationError(problems);
      for (const { reject } of waiting) reject(error);
      throw error;
    }
    this.sealed = true;
    for (const { resolve } of waiting) resolve();
    return this;
  }

  /** Fulfilled when it is sealed; rejected with what {@link seal} throws. */
  whenSealed(): Promise<void> {
    if (this.sealed) return Promise.resolve();
    return new Promise((resolve, reject) => void this.waiting.push({ resolve, reject }));
  }

  /** The schema version that is written today, of a type that is known. */
  currentVersion(eventType: string): number | undefined {
    return this.upcaster.currentVersion(eventType);
  }

  /** The declared types, sorted. */
  get eventTypes(): readonly string[] {
    return [...this.declarations.keys()].sort();
  }

  /** Whether stored events of this schema version can be read as current ones. */
  wayFrom(eventType: string, schemaVersion: number): WayToCurrent {
    return this.upcaster.wayFrom(eventType, schemaVersion);
  }

  /** What is wrong with data that are to be appended as this type; by path within them. */
  dataProblems(eventType: string, data: unknown): DataProblems {
    const declaration = this.declarations.get(eventType);
    if (!declaration) return NONE;
    if (declaration.schema) return schemaProblems(declaration.schema, data);
    return declaration.class ? this.classes.problems(declaration.class, data) : NONE;
  }

  /** True when an event of this type may be appended. */
  takes(eventType: string): boolean {
    return this.unknownTypes === 'allow' || this.declarations.has(eventType) || isReservedType(eventType);
  }

  /**
   * The event as it is today: upcast and revived; several or none where a migration splits it.
   *
   * @throws UpcastFailed
   */
  current(event: RecordedEvent): RecordedEvent | readonly RecordedEvent[] {
    const upcast = this.upcaster.upcast(event);
    if (!isList(upcast)) return this.revived(upcast);
    return upcast.map((part) => this.revived(part));
  }

  private revived(event: RecordedEvent): RecordedEvent {
    const type = this.declarations.get(event.type)?.class;
    // A newer release wrote it: its shape is not the class's.
    if (!type || event.schemaVersion !== this.upcaster.currentVersion(event.type)) return event;
    return { ...event, data: this.classes.revive(type, event.data) };
  }

  private declare(type: string, declaration: EventDeclaration): void {
    const { version = 1, oldestVersion = 1, migrations = {} } = declaration;
    this.declarations.set(type, declaration);
    this.upcaster.declare(type, version, oldestVersion);
    for (const [from, migration] of Object.entries(migrations)) {
      this.upcaster.register({
        eventType: type,
        from: Number(from),
        to: Number(from) + 1,
        migrate: migrateOf(migration),
      });
    }
  }

  private checkOpen(): void {
    if (!this.sealed) return;
    const message = 'is sealed: declare events and migrations while the application starts';
    throw new ValidationError([{ path: 'registry', message }]);
  }
}

const NONE: readonly ValidationProblem[] = [];

function isList(value: RecordedEvent | readonly RecordedEvent[]): value is readonly RecordedEvent[] {
  return Array.isArray(value);
}

function migrateOf(migration: MigrateData | DeclarativeMigration): MigrateData {
  if (typeof migration !== 'object' || migration === null) return migration;
  return declaredMigration(migration);
}

/** `2` and `'v2'` and `'2'` are the same. NaN for anything else, which is refused as a version. */
function versionOf(version: number | string): number {
  if (typeof version === 'number') return version;
  const match = /^v?(\d{1,9})$/.exec(version);
  return match ? Number(match[1]) : Number.NaN;
}

function declarationProblems(type: string, declaration: EventDeclaration, isKnown: boolean): ValidationProblem[] {
  const problems: ValidationProblem[] = [];
  const add = (field: string, message: string | undefined): void => {
    if (message !== undefined) problems.push({ path: field === '' ? type : `${type}.${field}`, message });
  };
  add('', eventTypeProblem(type));
  if (isReservedType(type)) add('', 'belongs to the store');
  if (isKnown) add('', 'is declared twice');
  const { schema, version = 1, oldestVersion = 1, personalData, migrations = {} } = declaration;
  if (schema !== undefined && declaration.class !== undefined) add('schema', 'and class cannot both be given');
  if (schema !== undefined && typeof schema['~standard']?.validate !== 'function') {
    add('schema', 'must be a Standard Schema, such as one of zod');
  }
  if (declaration.class !== undefined && typeof declaration.class !== 'function') add('class', 'must be a class');
  if (!(Number.isSafeInteger(version) && version >= 1)) add('version', 'must be a whole number from 1');
  if (!(Number.isSafeInteger(oldestVersion) && oldestVersion >= 1 && oldestVersion <= version)) {
    add('oldestVersion', 'must be a whole number from 1 to version');
  }
  for (const from of Object.keys(migrations)) {
    if (!/^[1-9]\d{0,8}$/.test(from)) add(`migrations.${from}`, 'must be named by the version that it begins at');
  }
  if (personalData !== undefined) {
    add(
      'personalData',
      'cannot be protected by this version: leave such fields out of events until it can encrypt them',
    );
  }
  return problems;
}

import type { RecordedEvent } from '../event/event-message.ts';
import type { NewEvent } from '../event/new-event.ts';
import type { DeclarativeMigration } from '../upcast/declarative-migration.ts';
import type { MigrateData } from '../upcast/migration.ts';
import type { EventClass, StandardSchema } from './event-schema.ts';

/** What a service says of one event type. */
export interface EventDeclaration<Data = unknown> {
  /** Checks the data at append; they are stored as given. Any Standard Schema, such as one of zod. */
  readonly schema?: StandardSchema<Data>;
  /** Events are read as instances of it; checked at append where the store was given support for classes. */
  readonly class?: EventClass<Data & object>;
  /** The schema version that is written today; 1 unless given. */
  readonly version?: number;
  /** The first version that was ever stored; 1 unless given. */
  readonly oldestVersion?: number;
  /** The steps from old versions, by the version that each begins at: it leads to the next one. */
  readonly migrations?: Readonly<Record<number, MigrateData | DeclarativeMigration>>;
  /** Refused: Annals cannot encrypt yet, and must not store plainly what was declared as personal. */
  readonly personalData?: readonly string[];
}

/** Event types by name. */
export type EventDeclarations = Readonly<Record<string, EventDeclaration>>;

/** The data that a declaration describes. */
export type DataOf<Declaration> = Declaration extends { readonly class: EventClass<infer Data> }
  ? Data
  : Declaration extends { readonly schema: StandardSchema<infer Data> }
    ? Data
    : unknown;

/** The union of the recorded events of some declarations, told apart by `type`. */
export type EventOf<Declarations extends EventDeclarations> = {
  readonly [Type in keyof Declarations & string]: Omit<RecordedEvent<DataOf<Declarations[Type]>>, 'type'> & {
    readonly type: Type;
  };
}[keyof Declarations & string];

/** The union of the events that can be written by some declarations. */
export type NewEventOf<Declarations extends EventDeclarations> = {
  readonly [Type in keyof Declarations & string]: Omit<NewEvent<DataOf<Declarations[Type]>>, 'type'> & {
    readonly type: Type;
  };
}[keyof Declarations & string];

/**
 * Declares event types, so that TypeScript knows their data.
 *
 * @example
 * const userEvents = defineEvents({
 *   'user.created': { schema: z.object({ name: z.string() }) },
 *   'user.moved': { schema: z.object({ city: z.string(), country: z.string() }), version: 2, migrations: { 1: { defaults: { country: 'CH' } } } },
 * });
 * type UserEvent = EventOf<typeof userEvents>;
 */
export function defineEvents<const Declarations extends EventDeclarations>(declarations: Declarations): Declarations {
  return declarations;
}

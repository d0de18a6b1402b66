import type { MigrateData } from './migration.ts';

/** A step that needs no code. Applied in this order; names are those of the data's top level. */
export interface DeclarativeMigration {
  /** Old name → new name. A name that the data does not have is passed over. */
  readonly rename?: Readonly<Record<string, string>>;
  /** Names that are dropped. */
  readonly remove?: readonly string[];
  /** Values of names that the data does not have. */
  readonly defaults?: Readonly<Record<string, unknown>>;
}

/** The step as a function. Data that are no object are refused when they come. */
export function declaredMigration(declaration: DeclarativeMigration): MigrateData {
  const { rename = {}, remove = [], defaults = {} } = declaration;
  const renames = new Map(Object.entries(rename));
  const removed = new Set(remove);
  return (data: unknown) => {
    if (typeof data !== 'object' || data === null || Array.isArray(data)) {
      throw new TypeError('the data are no object, and this migration is declared for objects');
    }
    const migrated: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(data)) {
      const target = renames.get(name) ?? name;
      if (!removed.has(target)) setOwn(migrated, target, value);
    }
    for (const [name, value] of Object.entries(defaults)) {
      if (!Object.hasOwn(migrated, name)) setOwn(migrated, name, structuredClone(value));
    }
    return migrated;
  };
}

/** A plain assignment to `__proto__` would change the prototype instead. */
function setOwn(target: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== '__proto__') target[name] = value;
  else Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}

import { type EventDeclarations, EventRegistry, ValidationError } from '@annals/core';
import { classValidation } from './class-validation.ts';

/** Which event types the application knows. */
export interface RegistryOptions {
  /**
   * Event types with their schemas, versions and migrations: declarations as `defineEvents` and `classEvents` make them,
   * or a registry. Appends are checked by it, events are read in their current schema version. Unset: an empty one, which
   * `registerMigration` fills. It is sealed when the application has started.
   */
  readonly registry?: EventRegistry | EventDeclarations | undefined;
  /** `'reject'` refuses to publish types that are not declared; `'allow'`. Not with a registry, which says so itself. */
  readonly unknownTypes?: 'allow' | 'reject' | undefined;
}

/**
 * The registry of an application, which knows how to check and revive classes.
 *
 * @throws ValidationError with every problem of the declarations
 */
export function registryOf({ registry, unknownTypes }: RegistryOptions): EventRegistry {
  if (!(registry instanceof EventRegistry)) {
    return new EventRegistry({ unknownTypes, classes: classValidation }).add(registry ?? {});
  }
  if (unknownTypes === undefined) return registry.supportClasses(classValidation);
  const message = 'must be given to the registry: new EventRegistry({ unknownTypes })';
  throw new ValidationError([{ path: 'unknownTypes', message }]);
}

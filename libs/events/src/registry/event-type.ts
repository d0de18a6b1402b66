import { type EventClass, type EventDeclaration, type EventDeclarations, ValidationError } from '@annals/core';

/** What the decorator says beside the type. */
export type EventTypeOptions = Omit<EventDeclaration, 'schema' | 'class'>;

const declared = new WeakMap<object, { readonly type: string; readonly declaration: EventDeclaration }>();

/**
 * Declares a class as the data of an event type: what is published is checked by its class-validator decorators, and
 * events are read as instances of it.
 *
 * @param type event type, like `user.created`
 * @param options schema version and migrations
 * @example
 * \@EventType('user.created', { version: 2, migrations: { 1: { rename: { label: 'name' } } } })
 * class UserCreated {
 *   \@IsString() name!: string;
 * }
 */
export function EventType(type: string, options: EventTypeOptions = {}): (target: EventClass) => void {
  return (target) => void declared.set(target, { type, declaration: { ...options, class: target } });
}

/**
 * The declarations of classes with {@link EventType}, for a registry.
 *
 * @throws ValidationError for classes without it, and for two of one type
 */
export function classEvents(...classes: readonly EventClass[]): EventDeclarations {
  const declarations: Record<string, EventDeclaration> = {};
  const problems = [...new Set(classes)].flatMap((one) => {
    const found = declared.get(one);
    if (!found) return [{ path: one.name, message: 'must be decorated by @EventType' }];
    const other = declarations[found.type];
    declarations[found.type] = found.declaration;
    return other ? [{ path: one.name, message: `declares ${found.type}, as ${other.class!.name} does` }] : [];
  });
  if (problems.length > 0) throw new ValidationError(problems);
  return declarations;
}

import type { AppendResult, DataOf, EventDeclarations, NewEventOf } from '@annals/core';
import type { IEventsService } from '../service/events-service.interface.ts';
import type { PublishAllOptions, PublishOptions, PublishTarget } from './event-to-publish.ts';

/** Publishes declared events only, with data of their types. */
export interface TypedEvents<Declarations extends EventDeclarations> {
  /** As `publishEvent` of the service. */
  publishEvent<Type extends keyof Declarations & string>(
    type: Type,
    data: DataOf<Declarations[Type]>,
    options?: PublishOptions,
  ): Promise<AppendResult>;

  /** As `publishEvents` of the service. */
  publishEvents(
    events: readonly (NewEventOf<Declarations> & PublishTarget)[],
    options?: PublishAllOptions,
  ): Promise<AppendResult>;
}

/**
 * The service with types: what is not declared does not compile.
 *
 * @param _declarations as `defineEvents` returned them; only their types count here
 * @example
 * await typedEvents(events, userEvents).publishEvent('user.created', { name: 'Ada' });
 */
export function typedEvents<Declarations extends EventDeclarations>(
  events: Pick<IEventsService, 'publishEvent' | 'publishEvents'>,
  _declarations: Declarations,
): TypedEvents<Declarations> {
  return events as TypedEvents<Declarations>;
}

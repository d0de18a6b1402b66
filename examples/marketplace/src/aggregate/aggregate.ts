import type { Aggregate as DeclaredAggregate } from '@annals/events';
import type { DomainEvent } from './decision.ts';

/** An event of the domain as it is stored. */
export type Happened<Event extends DomainEvent> = Event & { readonly timestamp: string };

/** How the state of one type of aggregate comes from its events; which events follow is for decisions to say. */
export type Aggregate<State, Event extends DomainEvent> = DeclaredAggregate<State, Happened<Event>>;

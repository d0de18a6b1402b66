/** An event that a decision leads to, before it is in an envelope. */
export interface DomainEvent<Type extends string = string, Data = unknown> {
  readonly type: Type;
  readonly data: Data;
}

/** Why a command is not carried out; `kind` is what HTTP makes a status of. */
export interface Rejection {
  readonly kind: 'not-found' | 'gone' | 'conflict';
  /** Stable name, for clients to branch on. */
  readonly code: string;
  readonly detail: string;
}

/** What comes of a command: events (none when nothing would change), or a rejection. */
export type Decision<Event extends DomainEvent> =
  { readonly events: readonly Event[] } | { readonly rejection: Rejection };

/** The command is carried out by these events. */
export function accept<Event extends DomainEvent>(...events: readonly Event[]): Decision<Event> {
  return { events };
}

/** The command is not carried out. */
export function reject(kind: Rejection['kind'], code: string, detail: string): { readonly rejection: Rejection } {
  return { rejection: { kind, code, detail } };
}

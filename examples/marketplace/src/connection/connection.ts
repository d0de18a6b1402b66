import { defineAggregate } from '@annals/events';
import type { Happened } from '../aggregate/aggregate.ts';
import { accept, reject, type Decision, type DomainEvent } from '../aggregate/decision.ts';

/** Whose connection it is. */
export type Party = 'user' | 'vendor';

/** What a client tells when it connects. */
export interface ConnectionDetails {
  readonly device?: string;
  readonly userAgent?: string;
}

export interface ConnectedData extends ConnectionDetails {
  readonly connectionId: string;
  readonly partyId: string;
}

export interface DisconnectedData {
  readonly connectionId: string;
  readonly partyId: string;
  /** Close code of RFC 6455. */
  readonly code: number;
  readonly connectedForMs: number;
}

export type ConnectionEvent =
  | DomainEvent<`websocket.${Party}.connected`, ConnectedData>
  | DomainEvent<`websocket.${Party}.disconnected`, DisconnectedData>;

/** A WebSocket connection: an aggregate of its own, so that a user's comings and goings never contend with the profile. */
export interface Connection {
  readonly status: 'unknown' | 'open' | 'closed';
  readonly party: Party | undefined;
  readonly partyId: string | undefined;
  readonly connectedAt: string | undefined;
}

export const connectionAggregate = defineAggregate<Connection, Happened<ConnectionEvent>>({
  type: 'websocket',
  initialState: { status: 'unknown', party: undefined, partyId: undefined, connectedAt: undefined },
  evolve(connection, event) {
    switch (event.type) {
      case 'websocket.user.connected':
      case 'websocket.vendor.connected':
        return {
          status: 'open',
          party: event.type === 'websocket.user.connected' ? 'user' : 'vendor',
          partyId: event.data.partyId,
          connectedAt: event.timestamp,
        };
      case 'websocket.user.disconnected':
      case 'websocket.vendor.disconnected':
        return { ...connection, status: 'closed' };
      default:
        return connection;
    }
  },
});

export function connect(
  connection: Connection,
  party: Party,
  partyId: string,
  connectionId: string,
  details: ConnectionDetails,
): Decision<ConnectionEvent> {
  if (connection.status !== 'unknown') {
    return reject('conflict', 'connection-exists', `There was a connection ${connectionId} already.`);
  }
  return accept({ type: `websocket.${party}.connected`, data: { connectionId, partyId, ...details } });
}

/** Closing a closed connection changes nothing: both ends may report it. */
export function disconnect(
  connection: Connection,
  party: Party,
  partyId: string,
  connectionId: string,
  close: { readonly code: number; readonly now: number },
): Decision<ConnectionEvent> {
  if (connection.party !== party || connection.partyId !== partyId) {
    return reject('not-found', 'connection-not-found', `${party} ${partyId} has no connection ${connectionId}.`);
  }
  if (connection.status === 'closed') return accept();
  const connectedForMs = Math.max(0, close.now - Date.parse(connection.connectedAt!));
  const data = { connectionId, partyId, code: close.code, connectedForMs };
  return accept({ type: `websocket.${party}.disconnected`, data });
}

import { initialStateOf } from '@annals/core';
import { connect, connectionAggregate, disconnect, type Connection, type ConnectionEvent } from './connection.ts';

const connected: ConnectionEvent = {
  type: 'websocket.user.connected',
  data: { connectionId: 'c-1', partyId: 'u-1', device: 'phone' },
};
const now = Date.parse('2025-01-01T00:01:30Z');

function given(...events: readonly ConnectionEvent[]): Connection {
  return events.reduce(
    (connection, event) => connectionAggregate.evolve(connection, { ...event, timestamp: '2025-01-01T00:00:00Z' }),
    initialStateOf(connectionAggregate),
  );
}

describe('a WebSocket connection', () => {
  it('is opened once, by a user or a vendor', () => {
    expect(connect(given(), 'user', 'u-1', 'c-1', { device: 'phone' })).toEqual({ events: [connected] });
    expect(connect(given(), 'vendor', 'v-1', 'c-1', {})).toEqual({
      events: [{ type: 'websocket.vendor.connected', data: { connectionId: 'c-1', partyId: 'v-1' } }],
    });
    expect(connect(given(connected), 'user', 'u-1', 'c-1', {})).toMatchObject({
      rejection: { kind: 'conflict', code: 'connection-exists' },
    });
  });

  it('tells how long it was open when it is closed, and is closed once', () => {
    const data = { connectionId: 'c-1', partyId: 'u-1', code: 1001, connectedForMs: 90_000 };
    const decision = disconnect(given(connected), 'user', 'u-1', 'c-1', { code: 1001, now });
    expect(decision).toEqual({ events: [{ type: 'websocket.user.disconnected', data }] });
    const closed = given(connected, { type: 'websocket.user.disconnected', data });
    expect(disconnect(closed, 'user', 'u-1', 'c-1', { code: 1000, now })).toEqual({ events: [] });
  });

  it('is closed by its own party only', () => {
    for (const [party, id] of [
      ['user', 'u-2'],
      ['vendor', 'u-1'],
    ] as const) {
      expect(disconnect(given(connected), party, id, 'c-1', { code: 1000, now })).toMatchObject({
        rejection: { kind: 'not-found', code: 'connection-not-found' },
      });
    }
    expect(disconnect(given(), 'user', 'u-1', 'c-1', { code: 1000, now })).toHaveProperty('rejection');
  });
});

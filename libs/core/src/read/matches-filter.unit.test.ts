import { describe, expect, it } from '@jest/globals';
import { type EventFilter, type RecordedEvent, matchesFilter } from '../index.ts';

const event: RecordedEvent = {
  messageId: 'm',
  type: 'user.created',
  data: {},
  timestamp: '2024-01-02T00:00:00.5Z',
  tenantId: 'acme',
  aggregateType: 'user',
  aggregateId: '1',
  version: 3,
  schemaVersion: 1,
  position: { stream: 'EVENTS', sequence: 7 },
  recordedAt: '2024-01-03T00:00:00.123456789Z',
};
const { aggregateType: _type, aggregateId: _id, version: _version, ...loose } = event;

describe('matchesFilter', () => {
  it('matches everything without fields', () => {
    expect(matchesFilter(event, {})).toBe(true);
    expect(matchesFilter(loose, {})).toBe(true);
    const undefinedFields = { tenantId: undefined, eventTypes: undefined, fromVersion: undefined };
    expect(matchesFilter(event, undefinedFields)).toBe(true);
  });

  it.each<[matching: EventFilter, other: EventFilter]>([
    [{ tenantId: 'acme' }, { tenantId: 'default' }],
    [{ aggregateType: 'user' }, { aggregateType: 'User' }],
    [{ aggregateId: '1' }, { aggregateId: '01' }],
    [{ eventTypes: ['x', 'user.*'] }, { eventTypes: ['x', 'user'] }],
    [{ fromVersion: 3 }, { fromVersion: 4 }],
    [{ toVersion: 3 }, { toVersion: 2 }],
    [{ fromTimestamp: '2024-01-02T00:00:00.5Z' }, { fromTimestamp: '2024-01-02T00:00:00.50001Z' }],
    [{ toTimestamp: '2024-01-02T00:00:00.500Z' }, { toTimestamp: '2024-01-02T00:00:00.49Z' }],
    [{ recordedFrom: '2024-01-03T00:00:00.123456789Z' }, { recordedFrom: '2024-01-03T00:00:00.12345679Z' }],
    [{ recordedTo: '2024-01-03T00:00:00.123456789Z' }, { recordedTo: '2024-01-03T00:00:00.123456788Z' }],
  ])('matches by %j, not by %j', (matching, other) => {
    expect(matchesFilter(event, matching)).toBe(true);
    expect(matchesFilter(event, other)).toBe(false);
    expect(matchesFilter(event, { ...matching, ...other, tenantId: other.tenantId ?? 'acme' })).toBe(false);
  });

  it('needs every field to hold', () => {
    const all: EventFilter = {
      tenantId: 'acme',
      aggregateType: 'user',
      aggregateId: '1',
      fromVersion: 3,
      toVersion: 3,
    };
    expect(matchesFilter(event, all)).toBe(true);
    for (const field of Object.keys(all)) {
      const off = field === 'fromVersion' ? 4 : field === 'toVersion' ? 2 : 'other';
      expect(matchesFilter(event, { ...all, [field]: off })).toBe(false);
    }
  });

  it('finds events without aggregate by tenant, type and time, never by aggregate or version', () => {
    expect(matchesFilter(loose, { tenantId: 'acme', eventTypes: ['user.created'] })).toBe(true);
    for (const filter of [{ aggregateType: 'user' }, { aggregateId: '1' }, { fromVersion: 1 }, { toVersion: 9 }]) {
      expect(matchesFilter(loose, filter)).toBe(false);
    }
  });
});

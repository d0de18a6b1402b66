import { describe, expect, it } from '@jest/globals';
import {
  REPLAY_STATES,
  type RecordedEvent,
  asReplayed,
  checkReplay,
  isReplayOver,
  replayContentHash,
  replayedJson,
} from '../index.ts';

const stored: RecordedEvent = {
  messageId: 'm-1',
  type: 'user.created',
  data: { name: 'Ada' },
  timestamp: '2024-01-01T00:00:00Z',
  tenantId: 'acme',
  schemaVersion: 1,
  metadata: { source: 'import' },
  position: { stream: 'EVENTS', sequence: 1 },
  recordedAt: '2024-01-01T00:00:01Z',
};

describe('a replayed event', () => {
  it('says so in its metadata, and leaves the stored one as it is', () => {
    expect(asReplayed(stored, 'r-1')).toEqual({
      ...stored,
      metadata: { source: 'import', replay: true, replayId: 'r-1' },
    });
    expect(stored.metadata).toEqual({ source: 'import' });
  });

  it('is JSON with the message id as id, without absent fields', () => {
    const { messageId, ...rest } = stored;
    expect(JSON.parse(replayedJson(stored))).toEqual({ ...rest, id: messageId });
  });
});

describe('states', () => {
  it('are over when they never change again', () => {
    expect(REPLAY_STATES.filter(isReplayOver)).toEqual(['completed', 'cancelled', 'failed']);
  });
});

describe('replayContentHash', () => {
  const target = { type: 'file', name: 'a' } as const;
  const hash = (request: object) => replayContentHash(checkReplay({ target, ...request }));

  it('is the same for the same content, however it is written', () => {
    expect(hash({ dryRun: false })).toBe(hash({}));
    expect(hash({ filter: { tenantId: 'a', aggregateType: 'b' } })).toBe(
      hash({ filter: { aggregateType: 'b', tenantId: 'a' }, idempotencyKey: 'k' }),
    );
    expect(hash({ target: { ...target, extra: 1 } })).toBe(hash({}));
  });

  it('is another for other content', () => {
    const others = [
      { dryRun: true },
      { ratePerSecond: 5 },
      { filter: { tenantId: 'a' } },
      { target: { type: 'file', name: 'b' } },
    ];
    expect(new Set([hash({}), ...others.map(hash)]).size).toBe(5);
  });
});

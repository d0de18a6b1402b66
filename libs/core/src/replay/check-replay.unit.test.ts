import { describe, expect, it } from '@jest/globals';
import type { ValidationProblem } from '../error/validation-error.ts';
import { REPLAY_STATES, checkReplay, checkReplayList, replayContentHash, targetProblem } from './check-replay.ts';
import type { ReplayState } from './replay-job.ts';
import type { ReplayRequest, ReplayTarget } from './replay-request.ts';

const target: ReplayTarget = { type: 'subscription', name: 'mail' };

describe('checkReplay', () => {
  it('fills in what is not given, and brings times to UTC', () => {
    expect(checkReplay({ target })).toEqual({ target, filter: {}, dryRun: false });
    const filter = { tenantId: 'acme', eventTypes: ['user.>'], correlationId: 'c1', fromVersion: 2 };
    const request = { filter: { ...filter, recordedFrom: '2024-01-01T01:00:00+01:00' }, ratePerSecond: 0.01 };
    expect(checkReplay({ ...request, target, dryRun: true, idempotencyKey: 'key' })).toEqual({
      target,
      filter: { ...filter, recordedFrom: '2024-01-01T00:00:00Z' },
      ratePerSecond: 0.01,
      dryRun: true,
      idempotencyKey: 'key',
    });
  });

  it('keeps no more of a target than belongs to it', () => {
    const more = { ...target, url: 'http://127.0.0.1', secret: 'x' } as ReplayTarget;
    expect(checkReplay({ target: more }).target).toEqual(target);
  });

  it.each<[request: Record<string, unknown>, paths: string[]]>([
    [{ target: undefined }, ['target']],
    [{ filter: 'user.*' }, ['filter']],
    [{ filter: [] }, ['filter']],
    [{ filter: { tenantID: 'acme' } }, ['filter.tenantID']],
    [
      { filter: { limit: 5, direction: 'backwards', signal: {} } },
      ['filter.limit', 'filter.direction', 'filter.signal'],
    ],
    [{ filter: { tenantId: '', eventTypes: ['>.a'] } }, ['filter.tenantId', 'filter.eventTypes.0']],
    [{ filter: { correlationId: '' } }, ['filter.correlationId']],
    [{ filter: { correlationId: 7 } }, ['filter.correlationId']],
    [{ filter: { correlationId: 'x'.repeat(501) } }, ['filter.correlationId']],
    [{ filter: { after: { stream: 'EVENTS', sequence: 1 } } }, ['filter.after']],
    [{ filter: { after: [{ stream: 'EVENTS', sequence: -1 }] } }, ['filter.after.0.sequence']],
    [{ ratePerSecond: 0 }, ['ratePerSecond']],
    [{ ratePerSecond: 0.001 }, ['ratePerSecond']],
    [{ ratePerSecond: 1_000_001 }, ['ratePerSecond']],
    [{ ratePerSecond: Number.NaN }, ['ratePerSecond']],
    [{ ratePerSecond: '5' }, ['ratePerSecond']],
    [{ dryRun: 'yes' }, ['dryRun']],
    [{ dryRun: null }, ['dryRun']],
    [{ idempotencyKey: '' }, ['idempotencyKey']],
    [{ idempotencyKey: 'x'.repeat(201) }, ['idempotencyKey']],
    [
      { target: 7, filter: { nothing: 1, tenantId: '' }, ratePerSecond: -1, dryRun: 1, idempotencyKey: 7 },
      ['filter.nothing', 'filter.tenantId', 'ratePerSecond', 'idempotencyKey', 'dryRun', 'target'],
    ],
  ])('refuses %p with all that is wrong', (request, paths) => {
    expect(pathsOf(() => checkReplay({ target, ...request } as unknown as ReplayRequest))).toEqual(paths);
  });

  it.each([undefined, null, 'all', 7, []])('refuses %p instead of a request', (request) => {
    expect(pathsOf(() => checkReplay(request as unknown as ReplayRequest))).toEqual(['request']);
  });
});

describe('a target', () => {
  it.each<[target: ReplayTarget]>([
    [{ type: 'subscription', name: 'users:welcome-mail.v2' }],
    [{ type: 'all-subscriptions' }],
    [{ type: 'subject', subject: 'replayed' }],
    [{ type: 'subject', subject: 'replayed.orders.käse' }],
    [{ type: 'subject', subject: 'events.evt.idem' }],
    [{ type: 'subject', subject: 'evtx.a' }],
    [{ type: 'subject', subject: 'x'.repeat(200) }],
    [{ type: 'webhook', url: 'http://127.0.0.1:8080/hook?a=b#c' }],
    [{ type: 'webhook', url: 'https://example.com' }],
    [{ type: 'webhook', url: 'https://[::1]/hook' }],
    [{ type: 'file', name: 'orders-2024_01.ndjson' }],
    [{ type: 'file', name: 'x'.repeat(200) }],
  ])('may be %p', (wanted) => {
    expect(targetProblem(wanted)).toBeUndefined();
  });

  it.each<[target: unknown]>([
    [undefined],
    [null],
    ['subscription'],
    [{}],
    [{ type: 'queue', name: 'mail' }],
    [{ type: 'toString' }],
  ])('must not be %p', (wanted) => {
    expect(targetProblem(wanted as ReplayTarget)).toMatchObject({ path: 'target' });
  });

  it.each(['', 'a b', '*', '>', '../mail', 'a/b', undefined, 7])('must not be the subscription %p', (name) => {
    const wanted = { type: 'subscription', name } as ReplayTarget;
    expect(targetProblem(wanted)).toMatchObject({ path: 'target.name' });
  });

  it.each([
    '',
    '.',
    'a.',
    '.a',
    'a..b',
    'a b',
    'a\tb',
    'a\r\nPUB x 0',
    'a\u0000b',
    'a\u007f',
    '*',
    'a.*',
    'a.>',
    'a>',
    'a*b',
    '$SYS.REQ.SERVER.PING',
    '$JS.API.STREAM.DELETE.EVENTS',
    '$KV.bucket.key',
    '$O.x',
    '_INBOX.x.y',
    '_INBOX',
    'evt',
    'evt.acme.user.1.1.user.created',
    'evt-ORDERS.acme.order',
    'idem.EVENTS.acme.key',
    'dlq.mail.EVENTS.1',
    'redeliver.mail.EVENTS.1.redrive',
    'x'.repeat(201),
    undefined,
    7,
    {},
  ])('must not be the subject %p', (subject) => {
    const wanted = { type: 'subject', subject } as ReplayTarget;
    expect(targetProblem(wanted)).toMatchObject({ path: 'target.subject' });
  });

  it.each([
    '',
    'example.com',
    '//example.com',
    'http://',
    'http:// example.com',
    ' http://example.com',
    'http://example.com\n',
    'http://exam\nple.com',
    'http://example.com/a b\r\nX-Header: 1',
    'ftp://example.com',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'data:text/plain,x',
    'http://user@example.com',
    'http://user:secret@example.com',
    'http://:secret@example.com',
    'http://example.com:99999',
    `http://example.com/${'x'.repeat(2_000)}`,
    undefined,
    7,
    { href: 'http://example.com' },
  ])('must not be the webhook %p', (url) => {
    const wanted = { type: 'webhook', url } as ReplayTarget;
    expect(targetProblem(wanted)).toMatchObject({ path: 'target.url' });
  });

  it.each([
    '',
    '.',
    '..',
    '.hidden',
    '../outside',
    'a/b',
    'a\\b',
    '/etc/passwd',
    'C:\\x',
    'a b',
    'a\n',
    'a\u0000.ndjson',
    'ä.ndjson',
    '~',
    'x'.repeat(201),
    undefined,
    7,
  ])('must not be the file %p', (name) => {
    const wanted = { type: 'file', name } as ReplayTarget;
    expect(targetProblem(wanted)).toMatchObject({ path: 'target.name' });
  });
});

describe('replayContentHash', () => {
  const hashOf = (request: ReplayRequest) => replayContentHash(checkReplay(request));

  it('is the same for what asks for the same', () => {
    const hash = hashOf({ target });
    expect(hash).toMatch(/^[\w-]{43}$/);
    expect(hashOf({ target, filter: {}, dryRun: false, idempotencyKey: 'any' })).toBe(hash);
    expect(hashOf({ target, filter: { tenantId: undefined }, ratePerSecond: undefined })).toBe(hash);
    const [one, other] = ['2024-01-01T00:00:00Z', '2024-01-01T01:00:00+01:00'];
    expect(hashOf({ target, filter: { fromTimestamp: one } })).toBe(
      hashOf({ target, filter: { fromTimestamp: other } }),
    );
  });

  it('is another one for what asks for something else', () => {
    const requests: ReplayRequest[] = [
      { target },
      { target, dryRun: true },
      { target, ratePerSecond: 5 },
      { target, filter: { tenantId: 'acme' } },
      { target, filter: { correlationId: 'acme' } },
      { target: { type: 'subscription', name: 'other' } },
      { target: { type: 'file', name: 'mail' } },
    ];
    expect(new Set(requests.map(hashOf)).size).toBe(requests.length);
  });
});

describe('checkReplayList', () => {
  it('means all states and 100 jobs unless told otherwise', () => {
    expect(checkReplayList()).toEqual({ states: new Set(REPLAY_STATES), limit: 100 });
    expect(checkReplayList({ states: ['running'], limit: 1_000 })).toEqual({
      states: new Set(['running']),
      limit: 1_000,
    });
  });

  it.each<[options: Record<string, unknown>, paths: string[]]>([
    [{ limit: 0 }, ['limit']],
    [{ limit: 1_001 }, ['limit']],
    [{ limit: 1.5 }, ['limit']],
    [{ states: 'running' }, ['states']],
    [{ states: ['running', 'lost'] }, ['states']],
    [{ states: [7], limit: '1' }, ['limit', 'states']],
  ])('refuses %p', (options, paths) => {
    expect(pathsOf(() => checkReplayList(options as { states: ReplayState[]; limit: number }))).toEqual(paths);
  });
});

function pathsOf(check: () => unknown): string[] {
  try {
    check();
  } catch (error) {
    expect(error).toMatchObject({ code: 'validation-failed' });
    return (error as { errors: readonly ValidationProblem[] }).errors.map(({ path }) => path);
  }
  throw new Error('it was not refused');
}

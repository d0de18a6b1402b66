import { expect, it } from '@jest/globals';
import type { ReplayRequest } from '@annals/core';
import { REFUSED_URL } from './recording-target.ts';
import type { ReplayContext } from './replay-context.ts';

export function requestContract(context: ReplayContext): void {
  const webhook = { type: 'webhook', url: 'https://example.org/' } as const;

  it.each<[string, unknown, readonly string[]]>([
    ['nothing', undefined, ['request']],
    ['a list', [], ['request']],
    ['a list as filter', { target: webhook, filter: [] }, ['filter']],
    ['no target', {}, ['target']],
    ['a target of no type', { target: { type: 'mail' } }, ['target']],
    ['a filter that is none', { target: webhook, filter: 'all' }, ['filter']],
    ['a field that no filter has', { target: webhook, filter: { limit: 1 } }, ['filter.limit']],
    ['a wrong pattern', { target: webhook, filter: { eventTypes: ['a..b'] } }, ['filter.eventTypes.0']],
    ['a chain without a name', { target: webhook, filter: { correlationId: '' } }, ['filter.correlationId']],
    ['a rate of nothing', { target: webhook, ratePerSecond: 0 }, ['ratePerSecond']],
    ['a rate that is no number', { target: webhook, ratePerSecond: '5' }, ['ratePerSecond']],
    ['a dry run that is maybe', { target: webhook, dryRun: 'yes' }, ['dryRun']],
    ['a key without characters', { target: webhook, idempotencyKey: '' }, ['idempotencyKey']],
    ['a subscription without a name', { target: { type: 'subscription' } }, ['target.name']],
    ['a subject with a wildcard', { target: { type: 'subject', subject: 'a.*' } }, ['target.subject']],
    ['a subject of the events', { target: { type: 'subject', subject: 'evt.x' } }, ['target.subject']],
    ['a subject of another stream', { target: { type: 'subject', subject: 'evt-ORDERS.x' } }, ['target.subject']],
    ['a subject of the server', { target: { type: 'subject', subject: '$JS.API.STREAM.PURGE' } }, ['target.subject']],
    ['a subject of a dead letter', { target: { type: 'subject', subject: 'dlq.a.b.1' } }, ['target.subject']],
    ['an inbox', { target: { type: 'subject', subject: '_INBOX.x' } }, ['target.subject']],
    ['an address that is no http', { target: { type: 'webhook', url: 'file:///etc/passwd' } }, ['target.url']],
    ['an address with a password', { target: { type: 'webhook', url: 'http://a:b@c.example/' } }, ['target.url']],
    ['a file elsewhere', { target: { type: 'file', name: '../x' } }, ['target.name']],
    ['a hidden file', { target: { type: 'file', name: '.x' } }, ['target.name']],
    ['a file below', { target: { type: 'file', name: 'a/b' } }, ['target.name']],
  ])('refuses %s', async (_, request, paths) => {
    const refused = context.replays.start(request as ReplayRequest);
    const errors = paths.map((path) => expect.objectContaining({ path }));
    await expect(refused).rejects.toMatchObject({ code: 'validation-failed', errors });
  });

  it('refuses a target that cannot be reached, before there is a job', async () => {
    const before = (await context.replays.list({ limit: 1 })).jobs[0]?.id;
    const target = { type: 'webhook', url: REFUSED_URL } as const;
    await expect(context.replays.start({ target })).rejects.toMatchObject({ code: 'replay-target-refused' });
    expect((await context.replays.list({ limit: 1 })).jobs[0]?.id).toBe(before);
  });

  it('refuses a kind of target that the process was given no way to', async () => {
    const started = context.replays.start({ target: { type: 'file', name: 'events.ndjson' } });
    await expect(started).rejects.toMatchObject({ code: 'replay-target-refused' });
  });

  it('starts one job for an idempotency key, whoever repeats the request', async () => {
    const order = await context.filled(3);
    const idempotencyKey = context.unique('key');
    const url = context.url();
    const first = await context.to(url, order, { idempotencyKey });
    await context.untilOver(first.id);
    const filter = { tenantId: order.tenantId };
    const again = { filter, target: { type: 'webhook', url }, dryRun: false, idempotencyKey } as const;
    expect(await context.operator.start(again)).toMatchObject({ id: first.id, state: 'completed' });
    expect(context.target.numbers(url)).toEqual([1, 2, 3]);
    const other = context.operator.start({ ...again, ratePerSecond: 5 });
    await expect(other).rejects.toMatchObject({ code: 'idempotency-key-reused', idempotencyKey });
  });

  it('starts one job where the same request comes several times at once', async () => {
    const order = await context.filled(3);
    const idempotencyKey = context.unique('key');
    const url = context.url();
    const jobs = await Promise.all([1, 2, 3, 4].map(() => context.to(url, order, { idempotencyKey })));
    expect(new Set(jobs.map(({ id }) => id)).size).toBe(1);
    await context.untilOver(jobs[0]!.id);
    expect(context.target.numbers(url)).toEqual([1, 2, 3]);
  });

  it.each(['', 'no-such-job', '../x', 'a.b', '>', '01ARZ3NDEKTSV4RRFFQ69G5FAV'])('knows no job %j', async (id) => {
    for (const call of ['get', 'pause', 'resume', 'cancel'] as const) {
      await expect(context.replays[call](id)).rejects.toMatchObject({ code: 'replay-not-found', id });
    }
  });
}

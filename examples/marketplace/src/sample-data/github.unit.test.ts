import { prepareAppend } from '@annals/core';
import { githubTimestamp } from './github-timestamp.ts';
import { githubToEvents } from './github.ts';
import { readSampleData } from './read-sample-data.ts';

const repository = { full_name: 'octo-org/octo-repo', updated_at: '2021-02-01T00:00:00Z' };
const sender = { login: 'octocat' };

const only = (name: string, payload: Record<string, unknown>) =>
  githubToEvents([{ name, examples: [payload] }])[0]![0]!;

describe('webhook payloads as events', () => {
  it('keeps the payload as it came and names event and action in the type', () => {
    const payload = { action: 'opened', issue: { number: 7 }, repository, sender };
    const { aggregate, version, event } = only('issues', payload);
    expect(aggregate).toEqual({ type: 'issue', id: 'octo-org/octo-repo#7' });
    expect(version).toBe(1);
    expect(event.type).toBe('github.issues.opened');
    expect(event.data).toBe(payload);
    expect(event.userId).toBe('octocat');
  });

  it.each([
    ['pull_request', { pull_request: { number: 2 }, repository }, 'pull-request', 'octo-org/octo-repo#2'],
    ['push', { repository, sender }, 'repository', 'octo-org/octo-repo'],
    ['org_block', { organization: { login: 'octo-org' }, sender }, 'organization', 'octo-org'],
    ['installation', { installation: { id: 5 }, sender }, 'installation', '5'],
    ['security_advisory', { security_advisory: { ghsa_id: 'GHSA-1' } }, 'security-advisory', 'GHSA-1'],
    ['github_app_authorization', { sender }, 'account', 'octocat'],
  ])('gives %s to the aggregate that it is about', (name, payload, type, id) => {
    expect(only(name, payload).aggregate).toEqual({ type, id });
  });

  it('refuses a payload that names nothing', () => {
    expect(() => only('mystery', {})).toThrow(/mystery/);
  });

  it('takes the newest moment of the subject, else of the payload, else of the repository', () => {
    const issue = { created_at: '2020-01-01T00:00:00Z', updated_at: '2020-05-01T02:00:00+02:00' };
    expect(githubTimestamp('issues', { issue, repository })).toBe('2020-05-01T00:00:00.000Z');
    expect(githubTimestamp('star', { starred_at: '2019-05-15T15:20:40Z', repository })).toBe(
      '2019-05-15T15:20:40.000Z',
    );
    expect(githubTimestamp('watch', { repository })).toBe('2021-02-01T00:00:00.000Z');
    expect(githubTimestamp('create', { repository: { pushed_at: 1_557_933_591 } })).toBe('2019-05-15T15:19:51.000Z');
    expect(githubTimestamp('package', { package: { updated_at: '0001-01-01T00:00:00Z' } })).toBeUndefined();
  });

  it('puts the oldest first and those without a date last', () => {
    const at = (updated_at?: string) => ({
      sender,
      issue: { number: 1, updated_at },
      repository: { full_name: 'a/b' },
    });
    const groups = githubToEvents([
      { name: 'issues', examples: [at('2022-01-01T00:00:00Z'), at(), at('2021-01-01T00:00:00Z')] },
    ]);
    expect(groups.map(([entry]) => [entry!.version, entry!.event.timestamp])).toEqual([
      [1, '2021-01-01T00:00:00.000Z'],
      [2, '2022-01-01T00:00:00.000Z'],
      [3, undefined],
    ]);
  });

  it('maps all real payloads to events that the store accepts, almost all with their own time', async () => {
    const groups = await readSampleData('github');
    expect(groups).toHaveLength(329);
    const events = groups.flat();
    for (const { aggregate, version, event } of events) {
      prepareAppend(
        [{ aggregate, events: [event], expectedVersion: version - 1 }],
        undefined,
        () => 'unused',
        Date.now,
      );
    }
    expect(new Set(events.map(({ event }) => event.messageId)).size).toBe(329);
    expect(new Set(events.map(({ event }) => event.type.split('.')[1])).size).toBe(58);
    const dated = events.filter(({ event }) => event.timestamp !== undefined);
    expect(dated.length).toBeGreaterThan(300);
    for (const { event } of dated) expect(event.timestamp! > '2016' && event.timestamp! < '2025').toBe(true);
    const largest = Math.max(...events.map(({ event }) => JSON.stringify(event.data).length));
    expect(largest).toBe(26_935);
  });
});

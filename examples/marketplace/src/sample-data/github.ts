import { createHash } from 'node:crypto';
import type { AggregateRef } from '@annals/core';
import { assignVersions, type SampleEvent } from '../load/assign-versions.ts';
import type { AtomicGroup } from '../load/event-to-load.ts';
import { githubTimestamp, type Payload } from './github-timestamp.ts';

/** One entry of the package @octokit/webhooks-examples: a webhook event and example payloads. */
export interface WebhookExamples {
  readonly name: string;
  readonly examples: readonly Payload[];
}

/**
 * Turns webhook payloads into events: `github.<event>.<action>`, with the payload as it came as data. An event belongs to
 * its issue or pull request (`octo-org/octo-repo#7`), else to its repository, else to what it is about instead
 * (organization, installation, security advisory, account). Oldest first; those without any date come last, and get the
 * time of loading.
 *
 * Message ids follow from event, place and content of the payload, so that the same package gives the same events.
 */
export function githubToEvents(webhooks: readonly WebhookExamples[]): readonly AtomicGroup[] {
  const events = webhooks.flatMap(({ name, examples }) =>
    examples.map((payload, index) => webhookToEvent(name, payload, index)),
  );
  const byTime = (a: SampleEvent, b: SampleEvent) =>
    (a.event.timestamp ?? '9').localeCompare(b.event.timestamp ?? '9', 'en');
  return assignVersions(events.sort(byTime).map((event) => [event]));
}

function webhookToEvent(name: string, payload: Payload, index: number): SampleEvent {
  const timestamp = githubTimestamp(name, payload);
  const action = typeof payload['action'] === 'string' ? `.${payload['action']}` : '';
  const digest = createHash('sha256')
    .update(JSON.stringify([name, index, payload]))
    .digest('hex');
  const messageId = `github-${digest.slice(0, 32)}`;
  const sender = text(payload, 'sender', 'login');
  return {
    aggregate: aggregateOf(name, payload),
    event: {
      type: `github.${name}${action}`,
      data: payload,
      messageId,
      correlationId: messageId,
      source: { type: 'dataset', id: name, name: '@octokit/webhooks-examples' },
      ...(timestamp !== undefined && { timestamp }),
      ...(sender !== undefined && { userId: sender }),
    },
  };
}

function aggregateOf(name: string, payload: Payload): AggregateRef {
  const repository = text(payload, 'repository', 'full_name');
  const issue = text(payload, 'issue', 'number');
  const pullRequest = text(payload, 'pull_request', 'number');
  const candidates: readonly (readonly [type: string, id: string | undefined])[] = [
    ['issue', repository && issue && `${repository}#${issue}`],
    ['pull-request', repository && pullRequest && `${repository}#${pullRequest}`],
    ['repository', repository],
    ['organization', text(payload, 'organization', 'login')],
    ['installation', text(payload, 'installation', 'id')],
    ['security-advisory', text(payload, 'security_advisory', 'ghsa_id')],
    ['account', text(payload, 'sender', 'login')],
  ];
  for (const [type, id] of candidates) if (id) return { type, id };
  throw new Error(`A ${name} webhook names nothing that its event could belong to.`);
}

function text(payload: Payload, object: string, property: string): string | undefined {
  const value = (payload[object] as Payload | null | undefined)?.[property];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

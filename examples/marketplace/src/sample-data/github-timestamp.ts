/** A webhook payload: an object whose content depends on its event. */
export type Payload = Readonly<Record<string, unknown>>;

/** What a webhook is about, where the property of the payload is not named like the event. */
const SUBJECTS: Readonly<Record<string, readonly string[]>> = {
  branch_protection_rule: ['rule'],
  code_scanning_alert: ['alert'],
  commit_comment: ['comment'],
  dependabot_alert: ['alert'],
  deploy_key: ['key'],
  deployment_review: ['workflow_job_run', 'workflow_run'],
  discussion_comment: ['comment'],
  fork: ['forkee'],
  installation_repositories: ['installation'],
  issue_comment: ['comment'],
  issues: ['issue'],
  merge_group: ['merge_group.head_commit'],
  meta: ['hook'],
  page_build: ['build'],
  ping: ['hook'],
  pull_request_review: ['review'],
  pull_request_review_comment: ['comment'],
  pull_request_review_thread: ['pull_request'],
  push: ['head_commit'],
  repository_vulnerability_alert: ['alert'],
};

/** Properties that say when something was last touched. */
const MOMENTS = [
  'updated_at',
  'completed_at',
  'closed_at',
  'submitted_at',
  'published_at',
  'dismissed_at',
  'starred_at',
  'started_at',
  'created_at',
  'pushed_at',
  'timestamp',
];

/** GitHub began in 2008; some payloads hold the year 1 where there is no date. */
const EARLIEST = Date.parse('2008-01-01T00:00:00Z');

/**
 * When a webhook's event happened: the newest moment of the thing it is about, else of the payload itself, else of the
 * repository. Undefined where the payload has none.
 *
 * @returns ISO 8601 in UTC
 */
export function githubTimestamp(name: string, payload: Payload): string | undefined {
  const subjects = [...(SUBJECTS[name] ?? []), name].map((path) => at(payload, path));
  for (const candidate of [...subjects, payload, payload['repository']]) {
    const newest = newestMoment(candidate);
    if (newest !== undefined) return new Date(newest).toISOString();
  }
  return undefined;
}

function newestMoment(thing: unknown): number | undefined {
  if (typeof thing !== 'object' || thing === null) return undefined;
  const moments = MOMENTS.map((property) => toEpochMs((thing as Payload)[property])).filter((ms) => ms >= EARLIEST);
  return moments.length === 0 ? undefined : Math.max(...moments);
}

/** Dates come as ISO 8601 and as seconds since 1970. */
function toEpochMs(value: unknown): number {
  if (typeof value === 'number') return value * 1_000;
  return typeof value === 'string' ? Date.parse(value) : NaN;
}

function at(payload: Payload, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (value as Payload | undefined)?.[key], payload);
}

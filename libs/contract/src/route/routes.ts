/** Both of them serve every route below `/events`. */
export const EVENT_BASES = ['/events', '/api/events'] as const;

/** Paths of all routes, with the first base. */
export const ROUTES = {
  append: '/events',
  history: '/events/history',
  replay: '/events/replay',
  aggregate: '/events/aggregate',
  aggregateState: '/events/aggregate/state',
  aggregateDiff: '/events/aggregate/diff',
  stats: '/events/stats',
  replays: '/events/replays',
  subscriptions: '/events/subscriptions',
  deadLetters: '/events/dead-letters',
  redriveDeadLetters: '/events/dead-letters/redrive',
  purgeDeadLetters: '/events/dead-letters/purge',
  snapshots: '/events/snapshots',
  projections: '/events/projections',
  schemaVersions: '/events/schema-versions',
  processes: '/events/processes',
  liveEvents: '/events/live',
  liveSocket: '/events/ws',
  live: '/health/live',
  ready: '/health/ready',
  metrics: '/metrics',
  openApi: '/openapi.json',
  docs: '/docs',
} as const;

/** `POST /events/streams/:id/reconstruct`. */
export function reconstructRoute(aggregateId: string): string {
  return `/events/streams/${encodeURIComponent(aggregateId)}/reconstruct`;
}

/** `/events/replays/:id`, or what is done with it. */
export function replayJobRoute(id: string, action?: 'pause' | 'resume' | 'cancel'): string {
  return below(ROUTES.replays, [id], action);
}

/** `/events/subscriptions/:name`, or what is done with it. */
export function subscriptionRoute(name: string, action?: 'pause' | 'resume' | 'rewind'): string {
  return below(ROUTES.subscriptions, [name], action);
}

/** `/events/dead-letters/:subscription/:stream/:sequence`, or what is done with it; `id` as a dead letter has it. */
export function deadLetterRoute(id: string, action?: 'redrive'): string {
  return below(ROUTES.deadLetters, id.split('/'), action);
}

/** `/events/snapshots/:type/:id`. */
export function snapshotRoute(aggregateType: string, aggregateId: string): string {
  return below(ROUTES.snapshots, [aggregateType, aggregateId], undefined);
}

/** `/events/projections/:name`, or what is done with it. */
export function projectionRoute(name: string, action?: 'pause' | 'resume' | 'rebuild'): string {
  return below(ROUTES.projections, [name], action);
}

/** `/events/processes/:name`, or what belongs to it. */
export function processRoute(name: string, part?: 'instances'): string {
  return below(ROUTES.processes, [name], part);
}

/** `/events/processes/:name/instances/:key`, or what is done with it. */
export function processInstanceRoute(name: string, key: string, action?: 'end'): string {
  return below(processRoute(name, 'instances'), [key], action);
}

function below(route: string, segments: readonly string[], action: string | undefined): string {
  return [route, ...segments.map(encodeURIComponent), ...(action === undefined ? [] : [action])].join('/');
}

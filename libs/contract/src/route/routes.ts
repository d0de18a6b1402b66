/** Both of them serve every route below `/events`. */
export const EVENT_BASES = ['/events', '/api/events'] as const;

/** Paths of all routes, with the first base. */
export const ROUTES = {
  append: '/events',
  history: '/events/history',
  replay: '/events/replay',
  aggregate: '/events/aggregate',
  stats: '/events/stats',
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

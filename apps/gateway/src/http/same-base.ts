import { EVENT_BASES } from '@annals/contract';
import type { FastifyRequest } from 'fastify';

/** The path of `route` below the base that the request came by, so that it leads back through the same proxy. */
export function sameBase(request: FastifyRequest, route: string): string {
  const [base, otherBase] = EVENT_BASES;
  return request.raw.url?.startsWith(otherBase) ? `${otherBase}${route.slice(base.length)}` : route;
}

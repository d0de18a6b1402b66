import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';

/** Over plain HTTP on loopback the first would be ignored, the second would break the pages of /docs. */
const OPTIONS = {
  hsts: false,
  contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } },
};

/**
 * Gives every answer Helmet's headers. They are the same for all, so Helmet makes them for the first one only: making
 * them for each would cost more than the routes do.
 */
export async function addSecurityHeaders(fastify: FastifyInstance): Promise<void> {
  await fastify.register(helmet, { ...OPTIONS, global: false });
  let headers: Record<string, string> | undefined;
  fastify.addHook('onRequest', (_request, reply, done) => {
    if (headers === undefined) {
      reply.helmet();
      headers = { ...(reply.raw.getHeaders() as Record<string, string>) };
    } else {
      reply.headers(headers);
    }
    done();
  });
}

import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { GatewayConfig } from '../config/gateway-config.ts';
import type { Readiness } from '../health/readiness.ts';
import { pathOf } from '../http/path-of.ts';
import type { ApiMetrics } from '../metrics/api-metrics.ts';
import { HttpProblem } from '../problem/http-problem.ts';
import { createHostCheck } from '../security/host-check.ts';

/** What every request goes through, before its route and after its answer. */
export function addRequestHooks(
  fastify: FastifyInstance,
  { allowedHosts }: GatewayConfig,
  { readiness, metrics, logger }: { readiness: Readiness; metrics: ApiMetrics; logger: Logger },
): void {
  const checkHost = createHostCheck(allowedHosts);
  fastify.addHook('onRequest', (request, reply, done) => {
    try {
      checkHost(request.headers.host);
      if (readiness.isDraining) throw shuttingDown();
      refuseEncodedBody(request.headers['content-encoding']);
      done();
    } catch (error) {
      done(error as Error);
    }
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    const seconds = reply.elapsedTime / 1_000;
    // The template, never the path: ids would make a metric each.
    const route = request.routeOptions.url?.replace(/^\/api(?=\/events)/, '') ?? '(none)';
    metrics.observeRequest(request.method, route, reply.statusCode, seconds);
    if (logger.isLevelEnabled('debug')) {
      const { method, id: requestId } = request;
      logger.debug({ requestId, method, path: pathOf(request.raw.url), status: reply.statusCode, seconds }, 'answered');
    }
    done();
  });
}

/** Health included: a probe that is refused takes the gateway out of service, as it should. */
function shuttingDown(): HttpProblem {
  const detail = 'The gateway is shutting down: send the request to another one, or again in a moment.';
  return new HttpProblem('shutting-down', detail, {}, { connection: 'close' });
}

function refuseEncodedBody(encoding: string | undefined): void {
  if (encoding === undefined || encoding === 'identity') return;
  throw new HttpProblem('unsupported-media-type', `Send the body without Content-Encoding; found ${encoding}.`);
}

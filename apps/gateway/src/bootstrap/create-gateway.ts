import type { Socket } from 'node:net';
import { randomUUID } from 'node:crypto';
import compress from '@fastify/compress';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { AppModule } from '../app.module.ts';
import type { GatewayConfig } from '../config/gateway-config.ts';
import { Readiness } from '../health/readiness.ts';
import { GatewayAdapter } from '../http/gateway-adapter.ts';
import { parseJsonBody } from '../http/json-body.ts';
import { answerUnreadableRequest } from '../http/raw-problem.ts';
import { RouteTable } from '../http/route-table.ts';
import { NestLogger } from '../logging/nest-logger.ts';
import { type LiveEntrance, openLiveEntrance } from '../live/live-entrance.ts';
import { ApiMetrics } from '../metrics/api-metrics.ts';
import { addOperationsMetrics } from '../operations/operations-metrics.ts';
import { OperationsWatch } from '../operations/operations-watch.ts';
import { setUpOpenApi } from '../openapi/set-up-openapi.ts';
import { ProblemFilter } from '../problem/problem.filter.ts';
import { addSecurityHeaders } from '../security/security-headers.ts';
import { storeLogger } from '../logging/store-logger.ts';
import { StateModule } from '../state/state-module.ts';
import type { StoreConnection } from '../store/store-connection.ts';
import { addRequestHooks } from './request-hooks.ts';

/** A request that has not arrived whole by then is given up: clients that trickle would hold connections for ever. */
const RECEIVE_TIMEOUT_MS = 30_000;

/** A gateway that is ready to listen. */
export interface Gateway {
  readonly app: NestFastifyApplication;
  readonly readiness: Readiness;
  readonly live: LiveEntrance;
}

/** Puts the gateway together. It neither listens nor opens the store yet. */
export async function createGateway(
  config: GatewayConfig,
  connection: StoreConnection,
  logger: Logger,
  state = new StateModule(),
): Promise<Gateway> {
  const readiness = new Readiness(connection);
  const metrics = new ApiMetrics(async () => (await readiness.check()).status === 'ready');
  addOperationsMetrics(metrics.registry, new OperationsWatch(() => connection.store));
  const routes = new RouteTable();
  const problems = new ProblemFilter(logger, metrics, routes, config.bodyLimitBytes);
  const live = openLiveEntrance(config, { connection, readiness, metrics, problems, logger });
  const adapter = createAdapter(config, problems);
  const fastify = adapter.getInstance();
  fastify.addHook('onRoute', ({ url, method }) => routes.add(url, method));
  await addSecurityHeaders(fastify);
  addRequestHooks(fastify, config, { readiness, metrics, logger });

  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.with({
      config,
      connection,
      readiness,
      metrics,
      problems,
      live: live.service,
      state,
      logger: storeLogger(logger),
    }),
    adapter,
    { logger: new NestLogger(logger), bodyParser: false, abortOnError: false },
  );
  app.useGlobalFilters(problems);
  await app.register(compress, { globalDecompression: false });
  setUpOpenApi(app);
  await app.init();
  await fastify.ready();
  live.attachTo(app.getHttpServer());
  return { app, readiness, live };
}

function createAdapter(config: GatewayConfig, problems: ProblemFilter): GatewayAdapter {
  const prefix = randomUUID().slice(0, 8);
  let requests = 0;
  const adapter = new GatewayAdapter({
    logger: false,
    // No Nest middleware is used, and its engine would look at the URL of every request.
    skipMiddie: true,
    bodyLimit: config.bodyLimitBytes,
    // Names take up to 200 bytes, each of which a URL may write as three characters.
    routerOptions: { maxParamLength: 1_000 },
    requestTimeout: RECEIVE_TIMEOUT_MS,
    return503OnClosing: false,
    genReqId: () => `${prefix}-${++requests}`,
    clientErrorHandler: (error: NodeJS.ErrnoException, socket: Socket) => answerUnreadableRequest(error, socket),
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) =>
      problems.answer(error, request, reply),
  });
  const fastify = adapter.getInstance();
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, parseJsonBody(body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
  return adapter;
}

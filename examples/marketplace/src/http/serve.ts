import 'reflect-metadata';
import type { DynamicModule, LogLevel } from '@nestjs/common';
import { EventsTransport } from '@annals/events';
import { NestFactory } from '@nestjs/core';
import { type MicroserviceOptions, Transport } from '@nestjs/microservices';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Settings } from './environment.ts';
import { ProblemFilter } from './problem.filter.ts';
import { validationPipe } from './validation.ts';

/** Commands are small. */
const BODY_LIMIT_BYTES = 64 * 1024;

/** What a service answers beside HTTP. */
export interface ServiceParts {
  /** Servers of NATS that it takes queries (`@MessagePattern`) from; none unless given. */
  readonly queries?: readonly string[];
}

/** Wires what both services have in common; handles events, but does not listen yet. */
export async function createService(
  name: string,
  module: DynamicModule,
  logLevels: readonly LogLevel[],
  { queries }: ServiceParts = {},
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({ bodyLimit: BODY_LIMIT_BYTES, routerOptions: { maxParamLength: 700 } });
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger: [...logLevels],
    // Nest would end the process, and hide the reason from whoever started us.
    abortOnError: false,
  });
  app.useGlobalPipes(validationPipe());
  app.useGlobalFilters(new ProblemFilter());
  // SIGTERM and SIGINT: no new requests and events, those in hand are finished, then the event store is closed.
  app.enableShutdownHooks();
  app.connectMicroservice<MicroserviceOptions>({ strategy: app.get(EventsTransport) });
  if (queries) {
    // The replicas of a service share the queries by its name.
    const options = { servers: [...queries], queue: name };
    app.connectMicroservice<MicroserviceOptions>({ transport: Transport.NATS, options });
  }
  await app.startAllMicroservices();
  return app;
}

/** Runs a service until it is told to stop; prints one line with its URL when it is ready. */
export async function serve(
  name: string,
  module: DynamicModule,
  settings: Settings,
  parts?: ServiceParts,
): Promise<void> {
  const app = await createService(name, module, settings.logLevels, parts);
  await app.listen(settings.port, settings.host);
  console.log(`The ${name} service is ready on ${await app.getUrl()}`);
}

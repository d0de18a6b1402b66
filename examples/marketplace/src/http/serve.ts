import 'reflect-metadata';
import type { DynamicModule, LogLevel } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Settings } from './environment.ts';
import { ProblemFilter } from './problem.filter.ts';
import { validationPipe } from './validation.ts';

/** Commands are small. */
const BODY_LIMIT_BYTES = 64 * 1024;

/** Wires what both services have in common; does not listen yet. */
export async function createService(
  module: DynamicModule,
  logLevels: readonly LogLevel[],
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({ bodyLimit: BODY_LIMIT_BYTES, routerOptions: { maxParamLength: 700 } });
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger: [...logLevels],
    // Nest would end the process, and hide the reason from whoever started us.
    abortOnError: false,
  });
  app.useGlobalPipes(validationPipe());
  app.useGlobalFilters(new ProblemFilter());
  // SIGTERM and SIGINT: no new requests, those in hand are finished, then the event store is closed.
  app.enableShutdownHooks();
  return app;
}

/** Runs a service until it is told to stop; prints one line with its URL when it is ready. */
export async function serve(name: string, module: DynamicModule, settings: Settings): Promise<void> {
  const app = await createService(module, settings.logLevels);
  await app.listen(settings.port, settings.host);
  console.log(`The ${name} service is ready on ${await app.getUrl()}`);
}

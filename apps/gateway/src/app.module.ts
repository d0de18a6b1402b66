import { type DynamicModule, Module } from '@nestjs/common';
import { AppendController } from './append/append.controller.ts';
import { AppendService } from './append/append.service.ts';
import { DeadLetterIdController } from './dead-letter/dead-letter-id.controller.ts';
import { DeadLettersController } from './dead-letter/dead-letters.controller.ts';
import { HealthController } from './health/health.controller.ts';
import { LiveController } from './live/live.controller.ts';
import { LiveService } from './live/live-service.ts';
import { Readiness } from './health/readiness.ts';
import { Answers } from './http/answers.ts';
import { ApiMetrics } from './metrics/api-metrics.ts';
import { MetricsController } from './metrics/metrics.controller.ts';
import { ProblemFilter } from './problem/problem.filter.ts';
import { AggregateController } from './read/aggregate.controller.ts';
import { EventsController } from './read/events.controller.ts';
import { ListAnswers } from './read/list-answers.ts';
import { ReplaysController } from './replay/replays.controller.ts';
import { ProcessesController } from './process/processes.controller.ts';
import { ProjectionsController } from './projection/projections.controller.ts';
import { SnapshotsController } from './snapshot/snapshots.controller.ts';
import { ReconstructController } from './state/reconstruct.controller.ts';
import { STATE_LOGGER, StateController } from './state/state.controller.ts';
import { StateModule } from './state/state-module.ts';
import { StatsController } from './stats/stats.controller.ts';
import { SubscriptionsController } from './subscription/subscriptions.controller.ts';
import { StoreConnection } from './store/store-connection.ts';
import { OpenStreams } from './stream/open-streams.ts';
import { SchemaVersionsController } from './upcast/schema-versions.controller.ts';
import type { Logger } from '@annals/core';
import type { GatewayConfig } from './config/gateway-config.ts';

/** What exists before Nest does, because Fastify needs it too. */
export interface GatewayParts {
  readonly config: GatewayConfig;
  readonly connection: StoreConnection;
  readonly readiness: Readiness;
  readonly metrics: ApiMetrics;
  readonly problems: ProblemFilter;
  readonly live: LiveService;
  readonly state: StateModule;
  readonly logger: Logger;
}

/** The gateway's controllers and what they are given. */
@Module({})
export class AppModule {
  static with({ config, connection, readiness, metrics, problems, live, state, logger }: GatewayParts): DynamicModule {
    const { requestTimeoutMs, maxOpenStreams } = config;
    const answers = new Answers(connection, metrics, requestTimeoutMs);
    const streams = new OpenStreams(maxOpenStreams, metrics);
    return {
      module: AppModule,
      controllers: [
        AppendController,
        EventsController,
        AggregateController,
        StatsController,
        StateController,
        ReconstructController,
        SnapshotsController,
        ProcessesController,
        ProjectionsController,
        SchemaVersionsController,
        ReplaysController,
        SubscriptionsController,
        DeadLettersController,
        DeadLetterIdController,
        LiveController,
        HealthController,
        MetricsController,
      ],
      providers: [
        { provide: AppendService, useValue: new AppendService(connection, metrics, requestTimeoutMs) },
        { provide: Answers, useValue: answers },
        { provide: ListAnswers, useValue: new ListAnswers(answers, streams, problems) },
        { provide: LiveService, useValue: live },
        { provide: StateModule, useValue: state },
        { provide: STATE_LOGGER, useValue: logger },
        { provide: ProblemFilter, useValue: problems },
        { provide: Readiness, useValue: readiness },
        { provide: ApiMetrics, useValue: metrics },
      ],
    };
  }
}

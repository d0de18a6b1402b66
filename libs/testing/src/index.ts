export { createInMemoryStore } from './in-memory/in-memory-store.ts';
export { type InMemoryStoreOptions } from './in-memory/in-memory-store-options.ts';
export { createInMemoryDocuments, type InMemoryDocuments } from './in-memory/projection/in-memory-documents.ts';
export { startNatsServer, type TestNatsServer } from './server/start-nats-server.ts';
export { startNatsCluster, type TestNatsCluster } from './server/start-nats-cluster.ts';
export { type NatsClusterOptions, type NatsServerOptions } from './server/server-options.ts';
export { startAckDroppingProxy, type AckDroppingProxy } from './server/start-ack-dropping-proxy.ts';
export { eventually, type EventuallyOptions } from './wait/eventually.ts';
export { whenIdle } from './wait/when-idle.ts';
export { MAX_GENERATED_EVENTS, generateEvents } from './generate/generate-events.ts';
export { type GenerateOptions, type GeneratedDomain, type GeneratedEvent } from './generate/generated-event.ts';
export {
  AggregateScenario,
  CommandScenario,
  testAggregate,
  type ExpectedError,
} from './scenario/aggregate-scenario.ts';
export { type ExpectedEvent } from './scenario/expect-events.ts';
export { type GivenEvent } from './scenario/given-events.ts';
export {
  ProcessDecided,
  ProcessScenario,
  testProcess,
  type ExpectedDecision,
  type ScenarioInput,
} from './scenario/process-scenario.ts';
export { ProjectionScenario, testProjection } from './scenario/projection-scenario.ts';
export { MigrationScenario, testMigrations } from './scenario/upcast-scenario.ts';
export { findPostgres, type PostgresPrograms } from './postgres/find-postgres.ts';
export { startPostgres, type PostgresServer, type PostgresServerOptions } from './postgres/start-postgres.ts';
export { openTestPostgres, type TestPostgres } from './postgres/open-test-postgres.ts';

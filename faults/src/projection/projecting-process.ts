import { openJetStreamStore } from '@annals/jetstream';
import { type ProjectedDatabase, openProjected, projectedModels } from './projected-tables.ts';

/** A process that runs projections until it is killed. Its argument: JSON of where. */
const { servers, databases } = JSON.parse(process.argv[2]!) as {
  readonly servers: string;
  readonly databases: readonly ProjectedDatabase[];
};

process.on('disconnect', () => process.exit(1));
const store = await openJetStreamStore({ servers });
for (const database of databases) {
  const opened = openProjected(database);
  for (const { projection, sink } of projectedModels(database, opened)) await store.projections.run(projection, sink);
}

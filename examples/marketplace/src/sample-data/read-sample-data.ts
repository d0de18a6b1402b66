import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { AtomicGroup } from '../load/event-to-load.ts';
import { flightsToEvents, type FlightRow } from './flights.ts';
import { githubToEvents, type WebhookExamples } from './github.ts';

/** Real data that can be loaded. */
export type DataSet = 'flights' | 'github';
export const DATA_SETS: readonly DataSet[] = ['flights', 'github'];

const require = createRequire(import.meta.url);

/**
 * Reads a data set from its npm package and turns it into events.
 *
 * @param limit only so many flights or payloads, from the oldest; all unless given
 */
export async function readSampleData(dataSet: DataSet, limit?: number): Promise<readonly AtomicGroup[]> {
  if (dataSet === 'flights') {
    return flightsToEvents((await readJson<FlightRow[]>('vega-datasets', 'data/flights-20k.json')).slice(0, limit));
  }
  // The package's own entry: what github.com sends. Beside it are older forms of the same of Enterprise Server.
  const webhooks = await readJson<WebhookExamples[]>('@octokit/webhooks-examples', 'api.github.com/index.json');
  return githubToEvents(webhooks).slice(0, limit);
}

async function readJson<T>(packageName: string, file: string): Promise<T> {
  return JSON.parse(await readFile(join(packageDirectory(packageName), file), 'utf8')) as T;
}

/** Found by its package.json where the package lets it be seen, else by walking up: neither package exports its data. */
function packageDirectory(packageName: string): string {
  for (const directory of require.resolve.paths(packageName) ?? []) {
    const manifest = join(directory, packageName, 'package.json');
    try {
      return dirname(require.resolve(manifest));
    } catch {
      // Not in this node_modules.
    }
  }
  throw new Error(`The package ${packageName} is not installed: run npm install.`);
}

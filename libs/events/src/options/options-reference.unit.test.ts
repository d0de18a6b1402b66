import { readFileSync } from 'node:fs';
import { DEFAULT_LIMITS } from '@annals/jetstream';
import type { EventsModuleExtras } from './events-module-definition.ts';
import type { EventsModuleOptions } from './events-module-options.ts';

type OptionNames<Options> = Options extends unknown ? keyof Options : never;

/** Does not compile unless it names every option and nothing else. */
const OPTIONS: Record<OptionNames<EventsModuleOptions> | keyof EventsModuleExtras, true> = {
  tenantId: true,
  serviceName: true,
  shutdownTimeoutMs: true,
  source: true,
  enableAuditLog: true,
  enableEventReplay: true,
  enableStateReconstruction: true,
  eventRetentionDays: true,
  isGlobal: true,
  store: true,
  servers: true,
  connectionOptions: true,
  connection: true,
  topology: true,
  provisioning: true,
  replicas: true,
  requestTimeoutMs: true,
  appendTimeoutMs: true,
  idempotencyTtlMs: true,
  maxPendingEvents: true,
  maxPendingBytes: true,
  headCacheSize: true,
  aggregateCacheBytes: true,
  subscriptionStallMs: true,
  registry: true,
  unknownTypes: true,
  logger: true,
  clock: true,
  newMessageId: true,
  replays: true,
};

const PAGE = new URL('../../../../docs/reference/options.md', import.meta.url);

/** Default by option, from the rows of the page's tables. */
function documented(): Map<string, string> {
  const rows = readFileSync(PAGE, 'utf8').matchAll(/^\| `(\w+)` *\| ([^|]+?) *\|/gm);
  return new Map([...rows].map(([, option, standard]) => [option!, standard!]));
}

describe('docs/reference/options.md', () => {
  it('lists every option of the module, and no other', () => {
    expect([...documented().keys()].sort()).toEqual(Object.keys(OPTIONS).sort());
  });

  it.each(Object.entries(DEFAULT_LIMITS))('tells the default of %s', (option, standard) => {
    expect(documented().get(option)).toMatch(new RegExp(`^${standard.toLocaleString('en-US')}( |$)`));
  });
});

import { count, Progress } from './progress.mjs';
/** @import { AtomicGroup, LoadReport } from '@annals/marketplace' */
/** @import { EventStore } from '@annals/core' */
/** @import { DemoOptions } from './demo-options.mjs' */

/** Events of some hundred bytes: close to the 1,000 that the server takes at once, and a multiple of a flight's three. */
const SMALL_EVENTS_PER_APPEND = 900;
/** Webhook payloads of up to 27 KB. */
const LARGE_EVENTS_PER_APPEND = 20;

/**
 * @typedef {object} LoadContext
 * @property {EventStore} store
 * @property {(line: string) => void} log
 * @property {AbortSignal} signal
 */

/**
 * Loads a data set.
 * @param {DemoOptions & { data: 'flights' | 'github' }} options
 * @param {LoadContext} context
 */
export async function loadData({ data, limit }, context) {
  const { readSampleData } = await import('@annals/marketplace');
  const groups = await readSampleData(data, limit);
  const total = groups.reduce((sum, group) => sum + group.length, 0);
  const what = data === 'flights' ? `${count(groups.length)} flights` : `${count(groups.length)} webhook payloads`;
  context.log(`Loading ${what} as ${count(total)} events`);
  await load(groups, total, data === 'github' ? LARGE_EVENTS_PER_APPEND : SMALL_EVENTS_PER_APPEND, context);
}

/**
 * Loads generated events.
 * @param {DemoOptions} options
 * @param {LoadContext} context
 * @returns {Promise<{ type: string, id: string }>} one of the largest aggregates
 */
export async function loadGenerated({ events, seed }, context) {
  const { generateEvents } = await import('@annals/testing');
  /** @type {{ type: string, id: string, version: number }} */
  let largest = { type: '', id: '', version: 0 };
  function* groups() {
    for (const generated of generateEvents({ events, seed })) {
      const { aggregate, version } = generated;
      if (version > largest.version) largest = { type: aggregate.type, id: aggregate.id, version };
      yield [generated];
    }
  }
  context.log(`Generating ${count(events)} events from the seed ${seed}, and loading them`);
  await load(groups(), events, SMALL_EVENTS_PER_APPEND, context);
  return largest;
}

/**
 * @param {Iterable<AtomicGroup>} groups
 * @param {number} total
 * @param {number} eventsPerAppend
 * @param {LoadContext} context
 */
async function load(groups, total, eventsPerAppend, { store, log, signal }) {
  const { loadEvents, verifyLoad } = await import('@annals/marketplace');
  const before = await store.stats();
  const progress = new Progress({ what: 'events', total });
  /** @type {LoadReport} */
  let report;
  try {
    report = await loadEvents(store, groups, {
      eventsPerAppend,
      signal,
      onProgress: ({ done }) => progress.update(done),
    });
  } finally {
    log(`Done: ${progress.finish()}`);
  }
  if (report.alreadyThere > 0) log(`${count(report.alreadyThere)} of them were stored already and left as they are`);
  const after = await store.stats();
  const wrong = verifyLoad(before, after, report);
  if (wrong.length > 0) {
    const list = wrong.map(({ what, expected, actual }) => `  ${what}: ${count(actual)}, expected ${count(expected)}`);
    throw new Error(['The counts are not right; did something else write at the same time?', ...list].join('\n'));
  }
  log(
    `Verified: the store counts ${count(after.totalEvents)} events of ${count(after.uniqueAggregates)} aggregates` +
      `, ${count(report.appended)} of them new`,
  );
}

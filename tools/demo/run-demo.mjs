import { Stack } from '../start/stack.mjs';
import { readStartSettings } from '../start/settings.mjs';
import { listenForStopSignals } from '../start/stop-signals.mjs';
import { buildProject } from '../workspace/nx.mjs';
import { REPOSITORY_ROOT } from '../workspace/repository.mjs';
import { loadData, loadGenerated } from './load.mjs';
import { looksAtData, looksAtGenerated, looksAtTraffic, toCurl } from './look-at.mjs';
import { MarketplaceServices } from './marketplace-services.mjs';
import { runTraffic } from './traffic.mjs';
/** @import { DemoOptions } from './demo-options.mjs' */
/** @import { Look } from './look-at.mjs' */

/** Not the data of `npm start`: what is made up should not lie among what somebody wrote. */
const DATA_DIR = '.annals/demo';

/**
 * Starts everything, shows it at work, prints what to look at, and runs until it is told to stop.
 * @param {DemoOptions} options
 * @returns {Promise<number>} exit code: 0 after the end or a stop that was asked for, 1 after a failure, 130 when a second
 *   signal cut the stop short
 */
export async function runDemo(options) {
  const { requested, insisted } = listenForStopSignals();
  process.stdout.on('error', () => {}); // a closed terminal takes no more lines, and the parts still have to be stopped
  const demo = new Demo(options, console.log);
  void requested.then(() => demo.abort());
  const shown = demo.show().catch((/** @type {Error} */ error) => error);
  const outcome = await Promise.race([shown, requested]);
  if (outcome instanceof Error) console.error(outcome.message);
  else console.log(outcome === 'done' ? 'That was it; stopping. Without --exit it stays up.' : 'Stopping');
  const stopped = await Promise.race([demo.stop(), insisted]);
  if (stopped !== 'insisted') return outcome instanceof Error ? 1 : 0;
  await demo.kill();
  return 130;
}

class Demo {
  #options;
  #log;
  #abort = new AbortController();
  #stack;
  /** @type {MarketplaceServices | undefined} */
  #services;
  /** @type {Promise<unknown>} */
  #running = Promise.resolve();
  #started = false;
  #failed;

  /**
   * @param {DemoOptions} options
   * @param {(line: string) => void} log
   */
  constructor(options, log) {
    this.#options = options;
    this.#log = log;
    /** @type {NodeJS.ProcessEnv} */
    this.env = { ...process.env, LOG_LEVEL: process.env.LOG_LEVEL || 'warn' };
    const settings = readStartSettings({ ...this.env, DATA_DIR: this.env.DATA_DIR || DATA_DIR }, REPOSITORY_ROOT);
    this.#stack = new Stack({
      settings,
      root: REPOSITORY_ROOT,
      gatewayArgs: ['--enable-source-maps', 'apps/gateway/dist/main.js'],
      env: this.env,
      build: async () => {
        log('Building what is needed');
        await buildProject('marketplace');
      },
      log,
    });
    this.#failed = this.#stack.failed;
  }

  /**
   * Starts what is needed and shows it; resolves at the end of that, or when a part of it dies.
   * @returns {Promise<'done' | Error>}
   */
  async show() {
    this.#running = this.#show();
    await this.#running;
    return this.#options.exit ? 'done' : this.#failed;
  }

  async #show() {
    await this.#stack.start();
    this.#started = true;
    const looks = this.#options.mode === 'traffic' ? await this.#traffic() : await this.#load();
    this.#log('\nNow look at it:');
    for (const look of looks) this.#log(`\n# ${look.shows}\n${toCurl(look)}`);
    this.#log(`\nThe API is described at ${this.#stack.url}/docs`);
    if (!this.#options.exit) this.#log('Ctrl-C stops everything; the events stay.');
  }

  /** @returns {Promise<readonly Look[]>} */
  async #traffic() {
    const services = new MarketplaceServices({ natsUrl: this.#stack.natsUrl, root: REPOSITORY_ROOT, env: this.env });
    this.#services = services;
    await services.start();
    this.#failed = Promise.race([this.#failed, services.failed]);
    const traffic = runTraffic(services.urls, this.#options, { log: this.#log, signal: this.#abort.signal });
    const { highlight } = await unlessFailed(traffic, this.#failed);
    return highlight ? looksAtTraffic(this.#stack.url, services.urls, highlight) : [];
  }

  /** @returns {Promise<readonly Look[]>} */
  async #load() {
    const { openJetStreamStore } = await import('@annals/jetstream');
    const store = await openJetStreamStore({ servers: this.#stack.natsUrl.split(',') });
    const context = { store, log: this.#log, signal: this.#abort.signal };
    const { data } = this.#options;
    try {
      if (data) {
        await unlessFailed(loadData({ ...this.#options, data }, context), this.#failed);
        return looksAtData(this.#stack.url, data);
      }
      const largest = await unlessFailed(loadGenerated(this.#options, context), this.#failed);
      return looksAtGenerated(this.#stack.url, largest);
    } finally {
      await store.close();
    }
  }

  /** Begins no more work; what is in hand is finished. */
  abort() {
    this.#abort.abort(new Error('Stopped before the end; run it again to take it up there.'));
  }

  async stop() {
    this.abort();
    // Before it has started there is nothing to finish: stopping the stack ends its start.
    if (!this.#started) await this.#stack.stop();
    await this.#running.catch(() => {});
    await this.#services?.stop();
    await this.#stack.stop();
  }

  async kill() {
    this.#services?.kill();
    await this.#stack.kill();
  }
}

/**
 * Work that makes no sense any more when a part of the demo dies.
 * @template T
 * @param {Promise<T>} work
 * @param {Promise<Error>} failed
 * @returns {Promise<T>}
 */
async function unlessFailed(work, failed) {
  const outcome = await Promise.race([work, failed.then((error) => ({ error }))]);
  if (typeof outcome === 'object' && outcome !== null && 'error' in outcome) throw outcome.error;
  return outcome;
}

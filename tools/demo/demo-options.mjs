import { Command, InvalidArgumentError, Option } from 'commander';

/**
 * @typedef {object} DemoOptions
 * @property {'traffic' | 'data' | 'generate'} mode
 * @property {number} users of the traffic
 * @property {'flights' | 'github' | undefined} data
 * @property {number} events to generate
 * @property {string} seed
 * @property {number | undefined} limit of flights or payloads
 * @property {boolean} exit stop at the end
 */

const MAX_USERS = 100_000;
const MAX_EVENTS = 10_000_000;

/**
 * Reads the command line; ends the process with a message when it is wrong, and after `--help`.
 * @param {readonly string[]} argv of the process
 * @param {boolean} [interactive] somebody is there to press Ctrl-C
 * @returns {DemoOptions}
 */
export function readDemoOptions(argv, interactive = Boolean(process.stdin.isTTY || process.stdout.isTTY)) {
  const command = new Command('npm run demo --')
    .description('Starts the store, the gateway and two services, and shows them at work; or loads events.')
    .option('--users <number>', 'how many users act on the marketplace', wholeNumber(1, MAX_USERS), 40)
    .addOption(
      new Option('--data <set>', 'load real data instead: 20,000 flights, or webhook payloads of GitHub')
        .choices(['flights', 'github'])
        .conflicts(['events', 'users']),
    )
    .option('--limit <number>', 'with --data: only so many flights or payloads', wholeNumber(1, MAX_EVENTS))
    .addOption(
      new Option('--events <number>', 'generate so many events of a shop and of repositories instead')
        .argParser(wholeNumber(1, MAX_EVENTS))
        .conflicts(['users']),
    )
    .option('--seed <text>', 'with --events: other seed, other events', seed, '1')
    .option('--exit', 'stop at the end; the default without a terminal')
    .option('--no-exit', 'stay up until Ctrl-C; the default on a terminal')
    .addHelpText('after', HELP)
    .parse([...argv]);
  const { users, data, events, limit, seed: chosen, exit = !interactive } = command.opts();
  if (limit !== undefined && data === undefined) command.error('error: --limit goes with --data only');
  if (chosen !== '1' && events === undefined) command.error('error: --seed goes with --events only');
  const mode = data !== undefined ? 'data' : events !== undefined ? 'generate' : 'traffic';
  return { mode, users, data, events: events ?? 0, seed: chosen, limit, exit };
}

const HELP = `
Loading the same again changes nothing; a load that was broken off is taken up where it was.
Settings as for npm start (PORT, NATS_URL …); the events are kept in .annals/demo unless DATA_DIR is set.

Examples:
  npm run demo
  npm run demo -- --data flights
  npm run demo -- --data github
  npm run demo -- --events 1000000`;

/**
 * @param {number} least
 * @param {number} most
 */
function wholeNumber(least, most) {
  return (/** @type {string} */ text) => {
    const value = Number(text.replaceAll('_', ''));
    if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}

/** @param {string} text */
function seed(text) {
  if (/^[A-Za-z0-9_-]{1,32}$/.test(text)) return text;
  throw new InvalidArgumentError('It must be 1 to 32 of A-Z, a-z, 0-9, _ and -.');
}

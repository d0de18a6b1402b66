import { InvalidArgumentError, program } from 'commander';
import { type FaultRunResult, runFaults } from './fault-run.ts';
import { projectionFaultsPassed } from './projection/run-projection-faults.ts';

/** `npm run test:faults`: kills servers and writers and looks whether the log tells the truth afterwards. */

const SHOWN = 5;
const MODES = ['r1', 'r1-always', 'r3', 'r3-always'];
/** `r3-always` runs only when it is asked for. */
const DEFAULT_MODES = ['r1', 'r1-always', 'r3'];

program
  .name('npm run test:faults --')
  .description('Kills nats-servers and writers with -9 while events are appended, then checks the log.')
  .option('--seconds <n>', 'seconds of faults, shared by the modes', wholeNumber, 600)
  .option('--processes <n>', 'writer processes', wholeNumber, 2)
  .option('--writers <n>', 'concurrent writers in each process', wholeNumber, 16)
  .option('--modes <list>', `of ${MODES.join(', ')}`, modesIn, DEFAULT_MODES)
  .option('--kill-every-ms <n>', 'milliseconds between two kills', wholeNumber, 1500)
  .option('--projections', 'kill the processes that run projections into SQL instead, for --seconds (60)');
program.parse();
const options = program.opts<{
  seconds: number;
  processes: number;
  writers: number;
  modes: string[];
  killEveryMs: number;
  projections?: true;
}>();

let passed = 0;
let failed = 0;
if (options.projections) {
  const seconds = program.getOptionValueSource('seconds') === 'default' ? 60 : options.seconds;
  if (await projectionFaultsPassed({ seconds, processes: options.processes, log: console.log })) passed++;
  else failed++;
}
for (const mode of options.projections ? [] : options.modes) {
  const seconds = Math.max(1, Math.round(options.seconds / options.modes.length));
  console.log(`${mode}: ${options.processes} processes × ${options.writers} writers for ${seconds} s`);
  const result = await runFaults({
    replicas: mode.startsWith('r3') ? 3 : 1,
    syncInterval: mode.endsWith('always') ? 'always' : 'default',
    seconds,
    processes: options.processes,
    writers: options.writers,
    killEveryMs: options.killEveryMs,
    log: console.log,
  });
  report(result);
  if (isGood(result)) passed++;
  else failed++;
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

function report(result: FaultRunResult): void {
  const { storedEvents, appends, serverKills, writerKills, verdict, failures } = result;
  console.log(
    `  ${storedEvents} events stored; appends: ${appends.acked} acknowledged, ${appends.refused} refused, ` +
      `${appends.unknown} unknown at first, ${appends.failed} failed; ${serverKills} server and ${writerKills} writer kills`,
  );
  for (const [fault, found] of Object.entries(verdict) as [string, string[]][]) {
    console.log(`  ${fault}: ${found.length}`);
    for (const line of found.slice(0, SHOWN)) console.log(`    ${line}`);
  }
  for (const [code, { times, message }] of failures)
    console.log(`  failed with ${code}: ${times} (${firstLines(message)})`);
}

/** A run that wrote nothing proves nothing, and an error without type is a defect of its own. */
function isGood(result: FaultRunResult): boolean {
  return result.faults === 0 && result.appends.acked > 0 && !result.failures.has('not-typed');
}

function firstLines(text: string): string {
  return text.split('\n').slice(0, 3).join(' ');
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('must be a whole number from 1');
}

function modesIn(list: string): string[] {
  const modes = list.split(',');
  if (modes.every((mode) => MODES.includes(mode))) return modes;
  throw new InvalidArgumentError(`Allowed choices are ${MODES.join(', ')}.`);
}

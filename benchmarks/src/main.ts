import { readCommand, USAGE, UsageError } from './command/read-command.ts';
import { reportCommand } from './command/report-command.ts';
import { runCommand } from './command/run-command.ts';
import { FULL } from './workload/scale.ts';
import { workloads } from './workload/workloads.ts';

/** The benchmark's program; `npm run bench` builds it first. */
const args = process.argv.slice(2);
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (interrupted.signal.aborted) return;
    console.log('\nStopping: servers are shut down, their data removed.');
    interrupted.abort(new Error(`ended by ${signal}`));
  });
}

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  if (interrupted.signal.aborted) process.exitCode = 130;
  else {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}
process.exit(); // a handle that a failed server left must not keep the command alive

async function main(): Promise<boolean> {
  const known = workloads(FULL);
  const command = readCommand(
    args,
    known.map(({ name }) => name),
  );
  switch (command.kind) {
    case 'help':
      console.log(USAGE);
      return true;
    case 'list':
      for (const { name, title, modes } of known) console.log(`${name.padEnd(14)} ${title} (${modes.join(', ')})`);
      return true;
    case 'report':
      await reportCommand(command, console.log);
      return true;
    case 'run':
      return runCommand(command, args, interrupted.signal, console.log);
  }
}

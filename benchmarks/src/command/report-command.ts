import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeReport } from '../report/write-report.ts';
import { FULL } from '../workload/scale.ts';
import { workloads } from '../workload/workloads.ts';
import { NOTES_FILE, REPORT_FILE, RESULTS_DIRECTORY } from './files.ts';
import { type Command, UsageError } from './read-command.ts';

/** Writes the page from results. @throws UsageError when there are none */
export async function reportCommand(
  { from, to = REPORT_FILE }: Extract<Command, { kind: 'report' }>,
  log: (line: string) => void,
): Promise<void> {
  const files = from.length > 0 ? from : await allResults();
  if (files.length === 0) throw new UsageError(`There is no result in ${RESULTS_DIRECTORY}: run npm run bench first.`);
  await writeReport({ from: files, notes: NOTES_FILE, to }, workloads(FULL));
  log(`Written to ${to}`);
}

async function allResults(): Promise<string[]> {
  const names = await readdir(RESULTS_DIRECTORY).catch(() => []);
  return names.filter((name) => name.endsWith('.json')).map((name) => join(RESULTS_DIRECTORY, name));
}

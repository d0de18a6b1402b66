import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { readResult } from '../result/result-file.ts';
import type { Workload } from '../workload/workload.ts';
import { renderReport } from './render-report.ts';

/** From where to where a report goes. */
export interface ReportFiles {
  /** Results of runs. */
  readonly from: readonly string[];
  readonly notes: string;
  readonly to: string;
}

/** Writes the page, formatted as everything else in the repository. */
export async function writeReport({ from, notes, to }: ReportFiles, workloads: readonly Workload[]): Promise<void> {
  const runs = await Promise.all(from.map(readResult));
  const noted = JSON.parse(await readFile(notes, 'utf8')) as Record<string, string>;
  const page = renderReport(runs, workloads, noted);
  await mkdir(dirname(to), { recursive: true });
  await writeFile(to, await format(page, { ...(await resolveConfig(to)), parser: 'markdown' }));
}

import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { RESULT_FORMAT, type BenchResult } from './bench-result.ts';

/** Writes a result whole or not at all. */
export async function writeResult(path: string, result: BenchResult): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const partial = `${path}.partial`;
  await writeFile(partial, `${JSON.stringify(result, undefined, 2)}\n`);
  await rename(partial, path);
}

/** Reads a result. @throws Error that names the file when it is none */
export async function readResult(path: string): Promise<BenchResult> {
  const result = JSON.parse(await readFile(path, 'utf8')) as Partial<BenchResult>;
  if (result.format !== RESULT_FORMAT) throw new Error(`${path} is not a result of this version of the benchmark.`);
  return result as BenchResult;
}

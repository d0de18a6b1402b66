import { readFile } from 'node:fs/promises';
import { transform } from '@swc/core';

/** Lets Node run the workspace's TypeScript as Jest does, without a build: for processes that tests start and kill. */
export async function load(url, context, nextLoad) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return nextLoad(url, context);
  const { code } = await transform(await readFile(new URL(url), 'utf8'), {
    swcrc: false,
    sourceMaps: 'inline',
    filename: url,
    jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
    module: { type: 'es6' },
  });
  return { format: 'module', source: code, shortCircuit: true };
}

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandLineOf } from '../process/command-line-of.mjs';
import { REPOSITORY_ROOT } from '../workspace/repository.mjs';
import { StartedProgram } from './started-program.mjs';

/** What the run of these tests by Nx sets must not reach the Nx that `npm start` runs. */
const WITHOUT_NX = Object.fromEntries(
  Object.keys(process.env)
    .filter((name) => name.startsWith('NX_'))
    .map((name) => [name, undefined]),
);

/** @type {string} */
let dataDir;
/** @type {StartedProgram[]} */
let programs;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'annals-e2e-'));
  programs = [];
});
afterEach(async () => {
  await Promise.all(programs.map((program) => program.stop()));
  await rm(dataDir, { recursive: true, force: true });
});

/** @returns {Promise<{ program: StartedProgram, url: string }>} */
async function npmStart() {
  const env = { ...WITHOUT_NX, DATA_DIR: dataDir, PORT: '0' };
  const program = new StartedProgram([join(REPOSITORY_ROOT, 'tools', 'start.mjs')], env);
  programs.push(program);
  return { program, url: String((await program.printed(/Annals is ready on (\S+)/, 120_000))[1]) };
}

describe('npm start with the real gateway', () => {
  test('takes an event, and the next start still has it', async () => {
    const first = await npmStart();
    const response = await fetch(`${first.url}/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        type: 'user.created',
        aggregateType: 'user',
        aggregateId: 'user-1',
        data: { name: 'Ada' },
      }),
    });
    expect(response.status).toBe(201);
    expect(await first.program.stop('SIGINT')).toBe(0);

    const second = await npmStart();
    const history = await fetch(`${second.url}/events/history?aggregateType=user&aggregateId=user-1`);
    const { totalEvents, events } = /** @type {any} */ (await history.json());
    expect(totalEvents).toBe(1);
    expect(events[0]).toMatchObject({ type: 'user.created', version: 1, data: { name: 'Ada' } });
    expect(await second.program.stop('SIGTERM')).toBe(0);
    expect(commandLineOf(Number(second.program.child.pid))).toBeUndefined();
  }, 240_000);

  test("serves README's first screen: its curl line's event, and its TypeScript as a file in the clone", async () => {
    const readme = readFileSync(join(REPOSITORY_ROOT, 'README.md'), 'utf8');
    const body = only(/^curl -s \S+\/events -H [^\n]* -d '([^']*)'$/gm, readme);
    const code = only(/^```ts\n([^]*?)^```$/gm, readme);
    const { program, url } = await npmStart();
    const [, natsUrl] = await program.printed(/nats-server \S+ runs on (\S+)/);

    const headers = { 'content-type': 'application/json' };
    expect((await fetch(`${url}/events`, { method: 'POST', headers, body })).status).toBe(201);

    expect(code).toContain("'nats://127.0.0.1:4222'");
    // Finds packages as a file in this folder does.
    const block = code.replace("'nats://127.0.0.1:4222'", JSON.stringify(natsUrl));
    const tried = new StartedProgram(['--input-type=module', '--eval', block], {});
    programs.push(tried);
    expect(await tried.exited).toBe(0);
    expect(tried.output.trim().split('\n')).toEqual([
      "1 user.created { name: 'Ada' }",
      "2 user.renamed { name: 'Ada Lovelace' }",
    ]);
    expect(await program.stop('SIGINT')).toBe(0);
  }, 240_000);
});

/**
 * What a pattern finds, which must be there once.
 * @param {RegExp} pattern
 * @param {string} text
 */
function only(pattern, text) {
  const found = [...text.matchAll(pattern)].map(([, part]) => String(part));
  expect(found).toHaveLength(1);
  return String(found[0]);
}

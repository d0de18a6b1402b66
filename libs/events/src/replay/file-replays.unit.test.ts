import { link, mkdtemp, mkdir, readFile, readdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReplayJob, ReplaySink } from '@annals/core';
import { fileReplays } from '../index.ts';
import { ID, event, job } from './webhook.spec-support.ts';

let root: string;
let directory: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'annals-files-'));
  directory = join(root, 'replays');
});

afterEach(() => rm(root, { recursive: true, force: true }));

const target = (name = 'events.ndjson') => ({ type: 'file', name }) as const;
const partial = () => join(directory, `events.ndjson.${ID}.partial`);
const whole = () => join(directory, 'events.ndjson');
const opened = (more?: Partial<ReplayJob>) => fileReplays({ directory }).open(job(target(), more));

async function write(sink: ReplaySink, ...sequences: number[]): Promise<void> {
  for await (const outcome of sink.deliver(sequences.map(event), new AbortController().signal)) {
    expect(outcome).toEqual({});
  }
}

async function numbersIn(path: string): Promise<number[]> {
  const lines = (await readFile(path, 'utf8')).split('\n').slice(0, -1);
  return lines.map((line) => (JSON.parse(line) as { data: { n: number } }).data.n);
}

describe('a replay to a file', () => {
  it('writes a line of JSON an event, and gives the file its name when it is whole', async () => {
    await fileReplays({ directory }).check(target());
    const sink = await opened();
    await write(sink, 1, 2, 3);
    const saved = await sink.checkpoint!();
    expect(saved.file).toEqual({ path: partial(), bytes: (await readFile(partial())).length });
    expect(await readdir(directory)).toEqual([`events.ndjson.${ID}.partial`]);
    const finished = await sink.finish!();
    await sink.close();
    expect(finished.file).toEqual({ path: whole(), bytes: saved.file!.bytes });
    expect(await readdir(directory)).toEqual(['events.ndjson']);
    expect(await numbersIn(whole())).toEqual([1, 2, 3]);
  });

  it('goes on behind what was saved, and has no line twice', async () => {
    const first = await opened();
    await write(first, 1, 2);
    const { file } = await first.checkpoint!();
    await write(first, 3, 4);
    await first.close();
    const second = await opened({ file: file! });
    await write(second, 3, 4, 5);
    await second.finish!();
    await second.close();
    expect(await numbersIn(whole())).toEqual([1, 2, 3, 4, 5]);
  });

  it('begins anew where nothing was saved before a crash', async () => {
    const first = await opened();
    await write(first, 1, 2);
    await first.close();
    const second = await opened();
    await write(second, 1, 2);
    await second.finish!();
    await second.close();
    expect(await numbersIn(whole())).toEqual([1, 2]);
  });

  it('can be finished once more after a crash right behind it', async () => {
    const first = await opened();
    await write(first, 1);
    const { file } = await first.checkpoint!();
    await link(partial(), whole());
    await first.close();
    const second = await opened({ file: file! });
    expect((await second.finish!()).file!.path).toBe(whole());
    await second.close();
    expect(await readdir(directory)).toEqual(['events.ndjson']);
  });

  it('refuses a file that is there, and never writes to it', async () => {
    await mkdir(directory);
    await writeFile(whole(), 'mine');
    await expect(fileReplays({ directory }).check(target())).rejects.toMatchObject({ code: 'replay-target-refused' });
    const sink = await opened();
    await write(sink, 1);
    await expect(sink.finish!()).rejects.toMatchObject({ code: 'replay-target-refused' });
    await sink.close();
    expect(await readFile(whole(), 'utf8')).toBe('mine');
    expect(await numbersIn(partial())).toEqual([1]);
  });

  it.each(['whole', 'partial'])('follows no link in place of the %s file', async (which) => {
    await mkdir(directory);
    const outside = join(root, 'outside');
    await writeFile(outside, 'secret');
    if (which === 'whole') {
      await symlink(join(root, 'not-there'), whole());
      await expect(fileReplays({ directory }).check(target())).rejects.toMatchObject({ code: 'replay-target-refused' });
      const sink = await opened();
      await expect(sink.finish!()).rejects.toMatchObject({ code: 'replay-target-refused' });
      await sink.close();
      expect(await readdir(root)).toEqual(['outside', 'replays']);
    } else {
      await symlink(outside, partial());
      await expect(opened()).rejects.toMatchObject({ code: 'replay-target-refused' });
    }
    expect(await readFile(outside, 'utf8')).toBe('secret');
  });

  it.each(['../x', 'a/b', '/etc/passwd', '.hidden', '..', '', 'a\0b', 'x'.repeat(300), 'a\\b', 'C:x'])(
    'takes no name %j',
    async (name) => {
      const factory = fileReplays({ directory });
      await expect(factory.check(target(name))).rejects.toMatchObject({ code: 'replay-target-refused' });
      await expect(factory.open(job(target(name)))).rejects.toMatchObject({ code: 'replay-target-refused' });
    },
  );

  it('does not go on in a file that was cut, or is in another directory', async () => {
    const sink = await opened();
    await write(sink, 1);
    const { file } = await sink.checkpoint!();
    await sink.close();
    await truncate(partial(), 5);
    await expect(opened({ file: file! })).rejects.toMatchObject({ code: 'replay-target-refused' });
    const elsewhere = fileReplays({ directory: join(root, 'elsewhere') });
    await expect(elsewhere.open(job(target(), { file: file! }))).rejects.toMatchObject({
      code: 'replay-target-refused',
    });
  });

  it('refuses a directory that cannot be', async () => {
    await writeFile(directory, 'a file');
    await expect(fileReplays({ directory }).check(target())).rejects.toMatchObject({ code: 'replay-target-refused' });
  });
});

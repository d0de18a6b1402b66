import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReplayJobBody } from '@annals/contract';
import { type TestNatsServer, eventually, startNatsServer } from '@annals/testing';
import { type BuiltGateway, post, startBuiltGateway, untilReady } from '../bootstrap/built-gateway.spec-support.ts';

const EVENTS = 3_000;

describe('a replay by built gateways', () => {
  let server: TestNatsServer;
  let directory: string;
  const gateways: BuiltGateway[] = [];

  beforeAll(async () => {
    server = await startNatsServer();
    directory = await mkdtemp(join(tmpdir(), 'annals-replays-'));
  });

  afterAll(async () => {
    for (const gateway of gateways) await gateway.stop();
    await server.stop();
    await rm(directory, { recursive: true });
  });

  async function start(): Promise<BuiltGateway> {
    const gateway = await startBuiltGateway({ NATS_URL: server.url, REPLAY_FILE_DIRECTORY: directory });
    gateways.push(gateway);
    await untilReady(gateway);
    return gateway;
  }

  async function fill({ url }: BuiltGateway): Promise<void> {
    for (let from = 1; from <= EVENTS; from += 1_000) {
      const events = Array.from({ length: 1_000 }, (_, i) => ({
        type: 'step.done',
        data: { n: from + i },
        aggregateType: 'walk',
        aggregateId: 'w-1',
      }));
      expect((await post(`${url}/events`, { events })).status).toBe(201);
    }
  }

  const jobAt = async ({ url }: BuiltGateway, id: string): Promise<ReplayJobBody> =>
    (await (await fetch(`${url}/events/replays/${id}`)).json()) as ReplayJobBody;

  it('goes on in another one when the first is killed with SIGKILL; the file has every event once', async () => {
    const first = await start();
    await fill(first);
    const answer = await post(`${first.url}/events/replay`, { target: { file: 'walk.ndjson' }, ratePerSecond: 1_500 });
    expect(answer.status).toBe(202);
    const { id } = (await answer.json()) as ReplayJobBody;
    await eventually(async () => (await jobAt(first, id)).delivered >= 500);
    const second = await start();
    first.signal('SIGKILL');
    await first.ended;
    const job = await eventually(
      async () => {
        const found = await jobAt(second, id);
        return !found.inProgress && found;
      },
      { deadlineMs: 20_000 },
    );
    expect(job).toMatchObject({ state: 'completed', total: EVENTS, delivered: EVENTS, failed: 0 });
    expect(await readdir(directory)).toEqual(['walk.ndjson']);
    const lines = (await readFile(job.file!.path, 'utf8')).trimEnd().split('\n');
    const numbers = lines.map((line) => (JSON.parse(line) as { data: { n: number } }).data.n);
    expect(numbers).toEqual(Array.from({ length: EVENTS }, (_, i) => i + 1));
  });
});

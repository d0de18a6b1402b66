import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type TestNatsServer, eventually, startNatsServer } from '@annals/testing';
import { AnnalsClient } from '../index.ts';

const GATEWAY = fileURLToPath(new URL('../../../../apps/gateway/dist/main.js', import.meta.url));
const GUIDE = new URL('../../../../docs/guides/live-streams.md', import.meta.url);

describe('client.live with a real gateway', () => {
  let server: TestNatsServer;
  let gateway: ChildProcess;
  let url = '';

  /** On the port of the one before, where there was one. */
  const startGateway = async () => {
    const { PATH } = process.env;
    const port = url === '' ? '0' : new URL(url).port;
    gateway = spawn(process.execPath, [GATEWAY], { env: { PATH, PORT: port, NATS_URL: server.url } });
    let output = '';
    for (const stream of [gateway.stdout!, gateway.stderr!]) {
      stream.on('data', (text: Buffer) => (output += text.toString()));
    }
    url = await eventually(() => /"url":"([^"]+)"/.exec(output)?.[1], { deadlineMs: 30_000 });
    await eventually(async () => (await fetch(`${url}/health/ready`)).ok);
  };
  const stopGateway = async (signal: NodeJS.Signals) => {
    gateway.kill(signal);
    if (gateway.exitCode === null && gateway.signalCode === null) await once(gateway, 'exit');
  };

  beforeAll(async () => {
    server = await startNatsServer();
    await startGateway();
  }, 60_000);

  afterAll(async () => {
    if (gateway) await stopGateway('SIGTERM');
    await server?.stop();
  });

  it('misses nothing and doubles nothing when the gateway is killed and started again', async () => {
    const client = new AnnalsClient({ baseUrl: url, tenantId: 'restarts' });
    const append = async (from: number, to: number) => {
      for (let n = from; n <= to; n++) {
        await client.append({ type: 'number.added', aggregateType: 'number', aggregateId: 'n', data: { n } });
      }
    };
    const controller = new AbortController();
    const numbers: number[] = [];
    let isCaughtUp = false;
    const onCaughtUp = () => void (isCaughtUp = true);
    const following = (async () => {
      for await (const { event } of client.live({}, { signal: controller.signal, onCaughtUp })) {
        numbers.push((event.data as { n: number }).n);
      }
    })();
    following.catch(() => {});
    await eventually(() => isCaughtUp);
    await append(1, 5);
    await stopGateway('SIGKILL');
    await startGateway();
    await append(6, 10);
    await eventually(() => numbers.length >= 10, { deadlineMs: 20_000 });
    expect(numbers).toEqual(Array.from({ length: 10 }, (_, i) => i + 1));
    controller.abort(new Error('enough'));
    await expect(following).rejects.toThrow('enough');
  }, 60_000);

  it('does what docs/guides/live-streams.md shows', async () => {
    const projected: string[] = [];
    const project = async ({ type }: { readonly type: string }) => void projected.push(type);
    const cursors: string[] = [];
    const enough = new Error('enough');
    const saveCursor = async (cursor: string) => {
      if (cursors.push(cursor) === 2) throw enough;
    };
    const writer = new AnnalsClient({ baseUrl: url });
    for (const type of ['user.created', 'order.placed', 'user.updated']) await writer.append({ type, data: {} });
    const guide = async () => {
      // #region guide
      const client = new AnnalsClient({ baseUrl: url });

      for await (const { event, cursor } of client.live({ eventTypes: ['user.*'], from: 'beginning' })) {
        await project(event);
        await saveCursor(cursor);
      }
      // #endregion
    };
    await expect(guide()).rejects.toBe(enough);
    expect(projected).toEqual(['user.created', 'user.updated']);
    const source = readFileSync(new URL(import.meta.url), 'utf8');
    const [, code] = /\/\/ #region guide\n([^]*?)\n *\/\/ #endregion/.exec(source)!;
    const shown = code!.replaceAll(/^ {6}/gm, '').replace('baseUrl: url', "baseUrl: 'http://127.0.0.1:3000'");
    expect(readFileSync(GUIDE, 'utf8')).toContain(
      `\`\`\`ts\nimport { AnnalsClient } from '@annals/client';\n\n${shown}\n\`\`\``,
    );
  });
});

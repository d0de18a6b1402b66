import { followCurl, RunningDemo, temporaryDataDir } from './demo.spec-support.ts';

/** Starts nats-server, the gateway and two services, and may build them first. */
const RUN_MS = 180_000;

describe('the demo', () => {
  const dataDir = temporaryDataDir();
  const demos: RunningDemo[] = [];
  afterAll(async () => {
    await Promise.all(demos.map((demo) => demo.stop()));
    dataDir.remove();
  });

  const start = (...args: readonly string[]) => {
    const demo = new RunningDemo(dataDir.path, ...args);
    demos.push(demo);
    return demo;
  };
  const run = async (...args: readonly string[]) => {
    const demo = start(...args, '--exit');
    const code = await demo.exited;
    if (code !== 0) throw new Error(`It ended with ${code}:\n${demo.output}`);
    return demo.output;
  };

  it(
    'drives traffic through both services, prints requests that all work, and stops in order',
    async () => {
      const demo = start('--users', '5', '--no-exit');
      await demo.printed(/Ctrl-C stops everything/);
      expect(demo.output).toMatch(/Done: 5 users in/);
      expect(demo.output).toMatch(/2 writes upon an old version refused/);

      const lines = demo.output.split('\n').filter((line) => line.startsWith('curl '));
      const answers = await Promise.all(lines.map((line) => followCurl(line)));
      expect(answers.map(({ status }) => status)).toEqual(lines.map(() => 200));
      const [stats, history, aggregate, replay, ndjson, state, earlier, user] = answers.map(({ text }) => text);
      const { totalEvents, eventTypes, aggregateTypeBreakdown } = JSON.parse(stats!);
      expect([totalEvents > 60, eventTypes]).toEqual([true, 14]);
      expect(Object.keys(aggregateTypeBreakdown).sort()).toEqual(['user', 'vendor', 'websocket']);
      expect(JSON.parse(history!).events[0]).toMatchObject({ type: 'user.created', version: 1 });
      const vendor = JSON.parse(aggregate!);
      expect(vendor.events.map(({ version }: { version: number }) => version)).toEqual(
        Array.from({ length: vendor.version }, (_, index) => index + 1),
      );
      expect(JSON.parse(replay!)).toMatchObject({ totalEvents: expect.any(Number), events: expect.any(Array) });
      const sockets = ndjson!
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).type as string);
      expect(sockets.length).toBe(aggregateTypeBreakdown.websocket);
      expect(JSON.parse(state!)).toMatchObject({
        version: vendor.version,
        state: { name: expect.stringContaining('&') },
      });
      expect(JSON.parse(earlier!)).toMatchObject({ version: 2, state: { name: expect.not.stringContaining('&') } });
      expect(JSON.parse(user!)).toMatchObject({ status: 'active' });

      expect(await demo.stop('SIGINT')).toBe(0);
      await expect(fetch(/http:\/\/127\S+\/docs/.exec(demo.output)![0])).rejects.toThrow();
    },
    RUN_MS,
  );

  it(
    'loads real flights, and nothing the second time',
    async () => {
      expect(await run('--data', 'flights', '--limit', '300')).toMatch(/Verified: .*, 900 of them new/);
      const again = await run('--data', 'flights', '--limit', '310');
      expect(again).toMatch(/900 of them were stored already/);
      expect(again).toMatch(/Verified: .*, 30 of them new/);
    },
    RUN_MS,
  );

  it(
    'loads real webhook payloads, whose requests work too',
    async () => {
      const demo = start('--data', 'github', '--no-exit');
      await demo.printed(/Ctrl-C stops everything/);
      expect(demo.output).toMatch(/Verified: .*, 329 of them new/);
      const lines = demo.output.split('\n').filter((line) => line.startsWith('curl '));
      const answers = await Promise.all(lines.map((line) => followCurl(line)));
      expect(answers.map(({ status }) => status)).toEqual(lines.map(() => 200));
      for (const { text } of answers.slice(1, 5)) expect(JSON.parse(text).events.length).toBeGreaterThan(0);
      expect(await demo.stop('SIGTERM')).toBe(0);
    },
    RUN_MS,
  );

  it(
    'generates as many events as wanted, and takes up where it was',
    async () => {
      expect(await run('--events', '3000')).toMatch(/Verified: .*, 3,000 of them new/);
      const more = await run('--events', '4000');
      expect(more).toMatch(/3,000 of them were stored already/);
      expect(more).toMatch(/Verified: .*, 1,000 of them new/);
    },
    RUN_MS,
  );

  it(
    'stops in order in the midst of a load',
    async () => {
      const demo = start('--events', '1000000', '--seed', 'interrupted', '--no-exit');
      await demo.printed(/Generating 1,000,000 events/);
      expect(await demo.stop('SIGINT')).toBe(0);
      expect(demo.output).toMatch(/Stopping/);
      expect(demo.output).not.toMatch(/Verified/);
    },
    RUN_MS,
  );
});

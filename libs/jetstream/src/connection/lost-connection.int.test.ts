import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Logger } from '@annals/core';
import { type TestNatsServer, eventually, startNatsServer } from '@annals/testing';
import { openJetStreamStore } from '../store/open-jetstream-store.ts';

describe('a store whose nats-server goes away', () => {
  let server: TestNatsServer;

  beforeAll(async () => {
    server = await startNatsServer();
  });

  afterAll(() => server.stop());

  it('tells the log once when the connection is lost, and when it is there again', async () => {
    const lines: string[] = [];
    const log = (line: string): void => void lines.push(line);
    const logger: Logger = { debug: () => {}, info: log, warn: log, error: log };
    const store = await openJetStreamStore({ servers: server.url, logger });
    await store.append({ type: 'order', id: '1' }, { type: 'order.placed', data: 1 });
    lines.length = 0;
    await server.kill();
    await eventually(() => lines.length > 0);
    expect(lines).toEqual([expect.stringContaining('is lost')]);
    await server.restart();
    await eventually(() => lines.length > 1);
    expect(lines).toEqual([expect.stringContaining('is lost'), expect.stringContaining('is there again')]);
    await store.close();
    expect(lines).toHaveLength(2);
  });
});

import { afterAll, beforeAll } from '@jest/globals';
import { type TestNatsServer, startNatsServer } from '@annals/testing';
import { describeReplayJobs } from '@annals/testing/contract';
import { openJetStreamStore } from '../index.ts';

let server: TestNatsServer;

beforeAll(async () => {
  server = await startNatsServer();
});

afterAll(async () => {
  await server.stop();
});

describeReplayJobs('JetStream', {
  open: (sinks) => openJetStreamStore({ servers: server.url, replays: { drive: true, sinks } }),
  sharesData: true,
});

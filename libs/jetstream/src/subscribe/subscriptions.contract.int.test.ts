import { afterAll, beforeAll } from '@jest/globals';
import { type TestNatsServer, startNatsServer } from '@annals/testing';
import { describeSubscriptions } from '@annals/testing/contract';
import { openJetStreamStore } from '../index.ts';

let server: TestNatsServer;

beforeAll(async () => {
  server = await startNatsServer();
});

afterAll(async () => {
  await server.stop();
});

describeSubscriptions('JetStream', { open: () => openJetStreamStore({ servers: server.url }), sharesData: true });

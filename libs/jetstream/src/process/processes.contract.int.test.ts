import { afterAll, beforeAll } from '@jest/globals';
import { type TestNatsServer, startNatsServer } from '@annals/testing';
import { describeProcesses } from '@annals/testing/contract';
import { openJetStreamStore } from '../store/open-jetstream-store.ts';

let server: TestNatsServer;

beforeAll(async () => {
  server = await startNatsServer();
});

afterAll(() => server?.stop());

describeProcesses('JetStream', { open: () => openJetStreamStore({ servers: server.url }), sharesData: true });

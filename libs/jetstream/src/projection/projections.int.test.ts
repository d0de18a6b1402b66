import { afterAll, beforeAll } from '@jest/globals';
import { type TestNatsServer, startNatsServer } from '@annals/testing';
import { describeProjections } from '@annals/testing/contract';
import { openJetStreamStore } from '../store/open-jetstream-store.ts';

let server: TestNatsServer;

beforeAll(async () => {
  server = await startNatsServer();
});

afterAll(() => server.stop());

describeProjections('JetStream', { open: () => openJetStreamStore({ servers: server.url }), sharesData: true });

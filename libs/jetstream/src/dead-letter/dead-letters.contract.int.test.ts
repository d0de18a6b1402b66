import { afterAll, beforeAll } from '@jest/globals';
import { type TestNatsServer, startNatsServer } from '@annals/testing';
import { describeDeadLetters } from '@annals/testing/contract';
import { openJetStreamStore } from '../index.ts';

let server: TestNatsServer;

beforeAll(async () => {
  server = await startNatsServer();
});

afterAll(() => server.stop());

describeDeadLetters('JetStream', { open: () => openJetStreamStore({ servers: server.url }), sharesData: true });

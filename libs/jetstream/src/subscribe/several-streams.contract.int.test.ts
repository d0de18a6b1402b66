import { afterAll, beforeAll } from '@jest/globals';
import { type TestNatsServer, startNatsServer } from '@annals/testing';
import { describeSubscriptions } from '@annals/testing/contract';
import { openJetStreamStore } from '../index.ts';

let server: TestNatsServer;

beforeAll(async () => {
  server = await startNatsServer();
});

afterAll(() => server.stop());

describeSubscriptions('JetStream with several streams', {
  open: () =>
    openJetStreamStore({
      servers: server.url,
      topology: { streams: [{ stream: 'CARTS', aggregateTypes: ['cart'] }] },
    }),
  sharesData: true,
  separateTypes: ['cart'],
});

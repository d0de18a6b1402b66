import { afterAll, beforeAll } from '@jest/globals';
import { type TestNatsServer, startNatsServer } from '@annals/testing';
import { describeFollow } from '@annals/testing/contract';
import { openJetStreamStore } from '../index.ts';

let server: TestNatsServer;
let severalStreams: TestNatsServer;

beforeAll(async () => {
  [server, severalStreams] = await Promise.all([startNatsServer(), startNatsServer()]);
});

afterAll(() => Promise.all([server.stop(), severalStreams.stop()]));

describeFollow('JetStream', { open: () => openJetStreamStore({ servers: server.url }), sharesData: true });

describeFollow('JetStream with several streams', {
  open: () =>
    openJetStreamStore({
      servers: severalStreams.url,
      topology: { streams: [{ stream: 'CARTS', aggregateTypes: ['cart'] }] },
    }),
  sharesData: true,
  separateTypes: ['cart'],
});

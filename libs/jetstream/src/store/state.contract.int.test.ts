import { afterAll, beforeAll } from '@jest/globals';
import { type TestNatsServer, startNatsServer } from '@annals/testing';
import { describeAggregates, describeUpcasting } from '@annals/testing/contract';
import { openJetStreamStore } from '../index.ts';

let server: TestNatsServer;

beforeAll(async () => {
  server = await startNatsServer();
});

afterAll(() => server.stop());

describeAggregates('JetStream', { open: () => openJetStreamStore({ servers: server.url }), sharesData: true });
describeUpcasting('JetStream', {
  open: (sinks, registry) => openJetStreamStore({ servers: server.url, replays: { drive: true, sinks, registry } }),
});

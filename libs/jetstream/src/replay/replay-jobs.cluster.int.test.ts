import { afterAll, beforeAll } from '@jest/globals';
import { type TestNatsCluster, startNatsCluster } from '@annals/testing';
import { describeReplayJobs } from '@annals/testing/contract';
import { openJetStreamStore } from '../index.ts';

let cluster: TestNatsCluster;

beforeAll(async () => {
  cluster = await startNatsCluster({ size: 3 });
}, 60_000);

afterAll(async () => {
  await cluster.stop();
});

describeReplayJobs('JetStream with three copies', {
  open: (sinks) => openJetStreamStore({ servers: cluster.urls, replicas: 3, replays: { drive: true, sinks } }),
  sharesData: true,
});

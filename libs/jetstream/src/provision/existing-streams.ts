import { setTimeout as pause } from 'node:timers/promises';
import { StoreUnavailable } from '@annals/core';
import type { JetStreamManager, StreamInfo } from '@nats-io/jetstream';
import { JETSTREAM_CODE } from '../error/jetstream-codes.ts';
import type { Topology } from '../topology/topology.ts';
import { hasCode } from './provisioning-failure.ts';

/**
 * In a cluster nobody answers for a stream that has no leader yet, as it is while another process makes it (2.15.1, seen):
 * the question is put again after this.
 */
const ASK_AGAIN_MS = 500;
const GIVE_UP_MS = 20_000;

/**
 * The stream, or undefined when there is none.
 *
 * @throws StoreUnavailable when its servers do not answer for 20 s; what the server refuses
 */
export async function streamInfo(jsm: JetStreamManager, name: string): Promise<StreamInfo | undefined> {
  const giveUpAtMs = Date.now() + GIVE_UP_MS;
  while (Date.now() < giveUpAtMs) {
    const answer = jsm.streams.info(name).then(
      (info) => ({ info }),
      (error: unknown) => ({ error }),
    );
    const outcome = await Promise.race([answer, pause(ASK_AGAIN_MS, undefined, { ref: false })]);
    if (outcome === undefined) continue;
    if ('info' in outcome) return outcome.info;
    if (hasCode(outcome.error, JETSTREAM_CODE.streamNotFound)) return undefined;
    throw outcome.error;
  }
  throw new StoreUnavailable(`stream ${name} has no leader`);
}

/**
 * Every stream of the account that answers, by name; those of the topology surely among them.
 *
 * @throws as {@link streamInfo}
 */
export async function listStreams(jsm: JetStreamManager, topology: Topology): Promise<ReadonlyMap<string, StreamInfo>> {
  const streams = new Map<string, StreamInfo>();
  for await (const info of jsm.streams.list()) streams.set(info.config.name, info);
  for (const { name } of topology.bindings) {
    // In a cluster the list leaves out streams that have no leader at the moment.
    const info = streams.get(name) ?? (await streamInfo(jsm, name));
    if (info) streams.set(name, info);
  }
  return streams;
}

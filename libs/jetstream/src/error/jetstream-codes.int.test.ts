import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type TestNatsServer, startNatsServer } from '@annals/testing';
import { AckPolicy, type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { type NatsConnection, connect, headers } from '@nats-io/transport-node';
import { JETSTREAM_CODE } from './jetstream-codes.ts';

/** Each number that the store acts on, as a real server gives it. */
describe('the codes of JetStream', () => {
  let server: TestNatsServer;
  let nc: NatsConnection;
  let jsm: JetStreamManager;

  beforeAll(async () => {
    server = await startNatsServer();
    nc = await connect({ servers: server.url });
    jsm = await jetstreamManager(nc);
    await jsm.streams.add({ name: 'CODES', subjects: ['codes.>'], allow_atomic: true, allow_direct: true });
  });

  afterAll(async () => {
    await nc.close();
    await server.stop();
  });

  async function codeOf(subject: string, body: string, fields: Record<string, string> = {}): Promise<number> {
    const block = headers();
    for (const [name, value] of Object.entries(fields)) block.set(name, value);
    const reply = await nc.request(subject, body, { timeout: 5_000, headers: block });
    return reply.json<{ error: { err_code: number } }>().error.err_code;
  }

  it('are right for an expectation that does not hold', async () => {
    const expectation = { 'Nats-Expected-Last-Subject-Sequence': '7' };
    expect(await codeOf('codes.a', '', expectation)).toBe(JETSTREAM_CODE.wrongLastSequence);
  });

  it('are right for a message id that a batch repeats', async () => {
    nc.publish('codes.twice', '', { headers: messageId('same') });
    await nc.flush();
    const batch = {
      'Nats-Batch-Id': 'dup',
      'Nats-Batch-Sequence': '1',
      'Nats-Batch-Commit': '1',
      'Nats-Msg-Id': 'same',
    };
    expect(await codeOf('codes.twice', '', batch)).toBe(JETSTREAM_CODE.duplicateInBatch);
  });

  it('are right for a batch whose beginning is not there', async () => {
    const batch = { 'Nats-Batch-Id': 'gap', 'Nats-Batch-Sequence': '3', 'Nats-Batch-Commit': '1' };
    expect(await codeOf('codes.gap', '', batch)).toBe(JETSTREAM_CODE.batchIncomplete);
  });

  it('are right for more open batches than a stream takes', async () => {
    for (let i = 0; i < 50; i++) {
      await nc.request('codes.open', '', { timeout: 5_000, headers: batchStart(`open-${i}`) });
    }
    const batch = { 'Nats-Batch-Id': 'one-more', 'Nats-Batch-Sequence': '1' };
    expect(await codeOf('codes.open', '', batch)).toBe(JETSTREAM_CODE.tooManyBatches);
  });

  it('are right for what is not there', async () => {
    const ask = (subject: string, body: object): Promise<number> => codeOf(subject, JSON.stringify(body));
    expect(await ask('$JS.API.STREAM.MSG.GET.CODES', { last_by_subj: 'codes.none' })).toBe(
      JETSTREAM_CODE.noMessageFound,
    );
    expect(await ask('$JS.API.STREAM.INFO.NONE', {})).toBe(JETSTREAM_CODE.streamNotFound);
    expect(await codeOf('$JS.API.CONSUMER.INFO.CODES.none', '')).toBe(JETSTREAM_CODE.consumerNotFound);
  });

  it('are right for a consumer that is there already, and for one that is to be changed and is not', async () => {
    const write = (name: string, action: string, description: string): Promise<number> => {
      const config = { durable_name: name, name, ack_policy: 'explicit', description };
      const body = JSON.stringify({ stream_name: 'CODES', config, action });
      return codeOf(`$JS.API.CONSUMER.CREATE.CODES.${name}`, body);
    };
    expect(await write('none', 'update', 'first')).toBe(JETSTREAM_CODE.consumerDoesNotExist);
    await jsm.consumers.add('CODES', { durable_name: 'there', ack_policy: AckPolicy.Explicit, description: 'first' });
    expect(await write('there', 'create', 'second')).toBe(JETSTREAM_CODE.consumerExists);
  });

  function messageId(id: string) {
    const block = headers();
    block.set('Nats-Msg-Id', id);
    return block;
  }

  function batchStart(id: string) {
    const block = headers();
    block.set('Nats-Batch-Id', id);
    block.set('Nats-Batch-Sequence', '1');
    return block;
  }
});

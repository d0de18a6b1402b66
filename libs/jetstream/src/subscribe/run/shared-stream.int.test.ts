import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type EventStore, type RecordedEvent, deadLetterId } from '@annals/core';
import { type TestNatsServer, eventually, startNatsServer } from '@annals/testing';
import { openJetStreamStore } from '../../store/open-jetstream-store.ts';
import { HandlingProcess, QUICK } from './handling-process.spec-support.ts';

let server: TestNatsServer;
let store: EventStore;
let processes: HandlingProcess[];
let tests = 0;
/** Each test has a tenant, and a subscription to it. */
let tenantId: string;

beforeAll(async () => {
  server = await startNatsServer();
  store = await openJetStreamStore({ servers: server.url });
});

afterAll(async () => {
  await store?.close();
  await server?.stop();
});

beforeEach(() => {
  processes = [];
  tenantId = `t${++tests}`;
});

afterEach(async () => {
  await Promise.all(processes.map((process) => process.close()));
});

async function aProcess(): Promise<HandlingProcess> {
  const process = await HandlingProcess.open(server.url);
  processes.push(process);
  return process;
}

async function append(count: number, id = 'o1', data: (n: number) => unknown = (n) => ({ n })): Promise<void> {
  for (let done = 0; done < count; done += 1_000) {
    await store.append(
      { tenantId, type: 'order', id },
      Array.from({ length: Math.min(1_000, count - done) }, (_, i) => ({
        type: 'order.changed',
        data: data(done + i + 1),
      })),
    );
  }
}

const options = (more: object = {}) => ({ name: `s-${tenantId}`, filter: { tenantId }, ...more });
const numberOf = (event: RecordedEvent) => (event.data as { n: number }).n;

describe('a shared subscription', () => {
  it('hands over every event once and settles it', async () => {
    await append(2_500);
    const process = await aProcess();
    const seen: number[] = [];
    const active = await process.subscribe(options(), (event) => void seen.push(numberOf(event)));
    await append(500, 'o2');
    await eventually(() => seen.length === 3_000);
    expect(active.state).toBe('active');
    await active.stop();
    expect(active.counts).toEqual({ handled: 3_000, retried: 0, deadLettered: 0, inHand: 0 });
    expect(active.state).toBe('stopped');
    await active.finished;
    const state = await process.parts.keeper.state(process.consumer(`s-${tenantId}`));
    expect(state).toMatchObject({ ackPending: 0, pending: 0 });
    expect(new Set(seen).size).toBe(2_500);
  });
});

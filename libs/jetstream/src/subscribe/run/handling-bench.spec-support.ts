import type { DeadLetter, EventStore, RecordedEvent } from '@annals/core';
import { type TestNatsServer, startNatsServer } from '@annals/testing';
import { openJetStreamStore } from '../../store/open-jetstream-store.ts';
import type { ConsumerState } from '../subscription-consumer.ts';
import { HandlingProcess, type TestSubscription } from './handling-process.spec-support.ts';

/** A server and a store, with a tenant and processes of its own for every test. */
export class HandlingBench {
  server!: TestNatsServer;
  store!: EventStore;
  tenantId = '';
  private processes: HandlingProcess[] = [];
  private tests = 0;

  async open(): Promise<void> {
    this.server = await startNatsServer();
    this.store = await openJetStreamStore({ servers: this.server.url });
  }

  async close(): Promise<void> {
    await this.store?.close();
    await this.server?.stop();
  }

  begin(): void {
    this.tenantId = `t${++this.tests}`;
  }

  async end(): Promise<void> {
    await Promise.all(this.processes.splice(0).map((process) => process.close()));
  }

  /** @param stuckMs as the keeper of consumers takes it */
  async process(stuckMs?: number): Promise<HandlingProcess> {
    const process = await HandlingProcess.open(this.server.url, stuckMs);
    this.processes.push(process);
    return process;
  }

  get subscription(): string {
    return `s-${this.tenantId}`;
  }

  options(more: Partial<TestSubscription> = {}): TestSubscription {
    return { name: this.subscription, filter: { tenantId: this.tenantId }, ...more };
  }

  /** Appends numbered events to an order: the first number is one more than `after`. */
  async append(count: number, id = 'o1', after = 0, more: object = {}): Promise<void> {
    for (let done = 0; done < count; done += 500) {
      await this.store.append(
        { tenantId: this.tenantId, type: 'order', id },
        Array.from({ length: Math.min(500, count - done) }, (_, i) => ({
          type: 'order.changed',
          data: { n: after + done + i + 1, ...more },
        })),
      );
    }
  }

  /** Puts anything into the stream, as somebody else might. */
  async publishForeign(subject: string, body: string): Promise<void> {
    const process = await this.process();
    await process.nc.request(subject, body);
  }

  async events(): Promise<RecordedEvent[]> {
    const events: RecordedEvent[] = [];
    for await (const event of this.store.readAll({ tenantId: this.tenantId })) events.push(event);
    return events;
  }

  state({ parts, consumer }: HandlingProcess): Promise<ConsumerState> {
    return parts.keeper.state(consumer(this.subscription));
  }

  /** The subscription's dead letters, oldest first. */
  async lettersOf({ deadLetters }: HandlingProcess): Promise<readonly DeadLetter[]> {
    return (await deadLetters.list({ subscription: this.subscription })).letters;
  }
}

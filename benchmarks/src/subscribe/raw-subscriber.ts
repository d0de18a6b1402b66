import type { EventMessage } from '@annals/core';
import { DEFAULT_STREAM } from '@annals/jetstream';
import { AckPolicy, type JetStreamClient, type JetStreamManager, type JsMsg, jetstream } from '@nats-io/jetstream';
import { type NatsConnection, connect } from '@nats-io/transport-node';
import type { SampleData } from '../event/sample-event.ts';
import type { Place } from '../place/place.ts';
import { openManager } from '../raw/raw-read.ts';
import type { OnEvent, RunningSubscription, Subscriber } from './subscriber.ts';

/** What is done with each message: nothing, its body parsed, or that and an acknowledgement of its own. */
export type RawHandling = 'count' | 'parse' | 'parse-and-ack';

/** Connects to the library's stream. */
export async function openRawSubscriber({ natsUrls }: Place, handling: RawHandling): Promise<Subscriber> {
  const nc = await connect({ servers: [...natsUrls], noRandomize: true, noAsyncTraces: true });
  try {
    return new RawSubscriber(nc, await openManager(nc), jetstream(nc), handling);
  } catch (error) {
    await nc.close();
    throw error;
  }
}

/** The JetStream client's `consume` with its default options. */
class RawSubscriber implements Subscriber {
  readonly parses: boolean;

  constructor(
    private readonly nc: NatsConnection,
    private readonly jsm: JetStreamManager,
    private readonly js: JetStreamClient,
    private readonly handling: RawHandling,
  ) {
    this.parses = handling !== 'count';
  }

  async start(name: string, onEvent: OnEvent): Promise<RunningSubscription> {
    const ack_policy = this.handling === 'parse-and-ack' ? AckPolicy.Explicit : AckPolicy.None;
    await this.jsm.consumers.add(DEFAULT_STREAM, { durable_name: name, ack_policy });
    const consumer = await this.js.consumers.get(DEFAULT_STREAM, name);
    const messages = await consumer.consume({ callback: this.callback(onEvent) });
    let stopping = false;
    const failed = messages.closed().then((error) => {
      if (stopping) return new Promise<never>(() => {});
      throw error ?? new Error('the consumer ended early');
    });
    failed.catch(() => {});
    return {
      failed,
      inHand: () => 0,
      stop: async () => {
        stopping = true;
        await messages.close();
        await this.nc.flush();
        const { num_pending, num_ack_pending } = await consumer.info();
        await consumer.delete();
        return num_pending + num_ack_pending;
      },
    };
  }

  async close(): Promise<void> {
    await this.nc.close();
  }

  /** One function for each way: what a team writes has no branches either. */
  private callback(onEvent: OnEvent): (message: JsMsg) => void {
    const parse = (message: JsMsg): void => void onEvent(message.json<EventMessage<SampleData>>().data.quantity);
    switch (this.handling) {
      case 'count':
        return () => void onEvent(0);
      case 'parse':
        return parse;
      case 'parse-and-ack':
        return (message) => {
          parse(message);
          message.ack();
        };
    }
  }
}

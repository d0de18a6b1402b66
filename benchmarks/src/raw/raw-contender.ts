import { randomUUID } from 'node:crypto';
import type { EventMessage, NewEvent } from '@annals/core';
import { type JetStreamClient, type JetStreamManager, type StoredMsg, jetstream } from '@nats-io/jetstream';
import { type NatsConnection, connect } from '@nats-io/transport-node';
import {
  type Contender,
  type Head,
  NO_HEAD,
  type PlacedEvent,
  type ReadAggregate,
  type ReadSummary,
  VersionConflict,
} from '../contender/contender.ts';
import { QuantitySum } from '../contender/quantity.ts';
import type { Place } from '../place/place.ts';
import { isRefusal, publishBatch, publishOne } from './raw-append.ts';
import { openManager, readHead, readLast, readStream, readVersions } from './raw-read.ts';
import { provisionRawStream, RAW_STREAM, rawFilter } from './raw-stream.ts';

/** Connects and makes the stream. */
export async function openRaw({ natsUrls, replicas }: Place): Promise<Contender> {
  const nc = await connect({ servers: [...natsUrls], noRandomize: true, noAsyncTraces: true });
  try {
    const jsm = await openManager(nc);
    await provisionRawStream(jsm, replicas);
    return new RawContender(nc, jsm, jetstream(nc));
  } catch (error) {
    await nc.close();
    throw error;
  }
}

/** The JetStream client as a team that knows it well would use it, without a library between. */
class RawContender implements Contender {
  /** Heads of what is being filled. */
  private readonly filled = new Map<string, Head>();
  private batches = 0;
  private readonly batchPrefix = randomUUID().slice(0, 8);

  constructor(
    private readonly nc: NatsConnection,
    private readonly jsm: JetStreamManager,
    private readonly js: JetStreamClient,
  ) {}

  async append(aggregateId: string, head: Head, events: readonly NewEvent[]): Promise<Head> {
    const first = head.version + 1;
    try {
      const sequence =
        events.length === 1
          ? await publishOne(this.js, aggregateId, first, head.sequence, events[0]!)
          : await publishBatch(this.nc, this.nextBatchId(), aggregateId, first, head.sequence, events);
      return { version: head.version + events.length, sequence };
    } catch (error) {
      if (!isRefusal(error)) throw error;
      // The refusal names the sequence, but the next subject needs the version.
      const actual = await readHead(this.jsm, aggregateId);
      // With replicas the server may refuse while the message before is still on its way to them (10164).
      if (actual.sequence === head.sequence) return this.append(aggregateId, head, events);
      throw new VersionConflict(aggregateId, head.version, actual);
    }
  }

  async read(aggregateId: string): Promise<ReadAggregate> {
    const found = new QuantitySum();
    let last: StoredMsg | undefined;
    await readLast(this.jsm, [rawFilter(aggregateId)], (message) => {
      found.add(message.json<EventMessage>());
      last = message;
    });
    return { found, head: { version: found.events, sequence: last?.seq ?? 0 } };
  }

  async fold(aggregateId: string): Promise<ReadSummary> {
    const head = await readHead(this.jsm, aggregateId);
    return readVersions(this.jsm, aggregateId, head.version);
  }

  scan(expected: number): Promise<ReadSummary> {
    return readStream(this.js, expected);
  }

  async fill(events: readonly PlacedEvent[]): Promise<void> {
    await Promise.all(
      events.map(async ({ aggregateId, event }) => {
        const head = this.filled.get(aggregateId) ?? NO_HEAD;
        this.filled.set(aggregateId, await this.append(aggregateId, head, [event]));
      }),
    );
  }

  async settle(): Promise<void> {
    this.filled.clear();
  }

  async count(): Promise<number> {
    return (await this.jsm.streams.info(RAW_STREAM)).state.messages;
  }

  details(): Readonly<Record<string, number>> {
    return {};
  }

  async close(): Promise<void> {
    await this.nc.close();
  }

  private nextBatchId(): string {
    return `${this.batchPrefix}-${++this.batches}`;
  }
}

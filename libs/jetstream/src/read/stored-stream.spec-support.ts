import { type RecordedEvent, type ResolvedAggregateRef, silentLogger } from '@annals/core';
import { jetstreamManager } from '@nats-io/jetstream';
import { type Msg, type NatsConnection, connect, nuid } from '@nats-io/transport-node';
import { encodedHeaders } from '../connection/encoded-headers.ts';
import { RequestChannel } from '../connection/request-channel.ts';
import { HEADER, NATS_HEADER } from '../header/header-names.ts';
import { provisionStreams } from '../provision/provision-streams.ts';
import { aggregatePrefix, filterOf, looseEventPrefix } from '../subject/subject-map.ts';
import type { TopologyOptions } from '../topology/topology-options.ts';
import { type Topology, resolveTopology } from '../topology/topology.ts';
import { AggregateReader, type ReadDependencies } from './aggregate-reader.ts';
import { StreamReader } from './stream-reader.ts';

/** An event to be stored as it is: nothing checks it. */
export interface SeedEvent {
  readonly type?: string;
  readonly timestamp?: string;
  readonly data?: unknown;
}

const BATCH = 1_000;
const DEFAULT_TIME = '2024-01-01T00:00:00.000Z';

/** Streams on a real server with what the readers need, and raw writes to them: the readers' tests need no appender. */
export class StoredStream {
  readonly channel: RequestChannel;
  /** What the readers are told of this process's appends, by aggregate prefix. */
  readonly known = new Map<string, number>();
  /** Streams that retention took events from. */
  readonly swept = new Set<string>();
  private readonly heads = new Map<string, { version: number; sequence: number }>();

  private requests = 0;

  private constructor(
    readonly nc: NatsConnection,
    readonly topology: Topology,
    private readonly replicas: number,
  ) {
    this.channel = new RequestChannel(nc, 5_000);
    // A recording spy would keep all that was read.
    for (const method of ['collect', 'request'] as const) {
      const original = this.channel[method].bind(this.channel) as (...args: unknown[]) => Promise<Msg>;
      this.channel[method] = (...args: unknown[]) => {
        this.requests++;
        return original(...args);
      };
    }
  }

  static async open(
    servers: string | readonly string[],
    options: { topology?: TopologyOptions; replicas?: number } = {},
  ): Promise<StoredStream> {
    const nc = await connect({
      servers: typeof servers === 'string' ? servers : [...servers],
      maxReconnectAttempts: -1,
      reconnectTimeWait: 50,
    });
    const topology = resolveTopology(options.topology);
    const replicas = options.replicas ?? 1;
    await provisionStreams(await jetstreamManager(nc), topology, { replicas, logger: silentLogger });
    return new StoredStream(nc, topology, replicas);
  }

  get dependencies(): ReadDependencies {
    return {
      channel: this.channel,
      topology: this.topology,
      known: { ofAggregate: (_stream, prefix) => this.known.get(prefix) ?? 0 },
      retention: { hasTaken: (stream) => Promise.resolve(this.swept.has(stream)) },
      isReplicated: () => this.replicas > 1,
      requestTimeoutMs: 5_000,
    };
  }

  get aggregates(): AggregateReader {
    return new AggregateReader(this.dependencies);
  }

  get streams(): StreamReader {
    return new StreamReader(this.dependencies, this.aggregates);
  }

  /** How many requests the readers have sent since this was called. */
  countRequests(): () => number {
    const before = this.requests;
    return () => this.requests - before;
  }

  prefixOf(ref: ResolvedAggregateRef): string {
    return aggregatePrefix(this.topology.bindingOf(ref.type).prefix, ref);
  }

  /** Appends `events`, or so many numbered ones, to an aggregate: one atomic batch for each 1,000. */
  async append(ref: ResolvedAggregateRef, events: number | readonly SeedEvent[]): Promise<number> {
    const prefix = this.prefixOf(ref);
    const head = this.heads.get(prefix) ?? { version: 0, sequence: 0 };
    const count = typeof events === 'number' ? events : events.length;
    for (let done = 0; done < count; done += BATCH) {
      const expectation =
        `${NATS_HEADER.expectedLastSubjectSequence}: ${head.sequence}\r\n` +
        `${NATS_HEADER.expectedLastSubjectSequenceSubject}: ${filterOf(prefix)}\r\n`;
      const messages = Array.from({ length: Math.min(BATCH, count - done) }, (_, i) => {
        const given = typeof events === 'number' ? {} : events[done + i]!;
        const version = ++head.version;
        const event = {
          ...envelope(given, { n: version }),
          tenantId: ref.tenantId,
          aggregateId: ref.id,
          aggregateType: ref.type,
          version,
        };
        return { subject: `${prefix}.${version}.${event.type}`, expectation, event };
      });
      head.sequence = await this.commit(messages);
    }
    this.heads.set(prefix, head);
    return head.sequence;
  }

  /** Stores an event without aggregate. */
  async appendLoose(tenantId: string, given: SeedEvent): Promise<number> {
    const event = { ...envelope(given, null), tenantId };
    const prefix = looseEventPrefix(this.topology.defaultBinding.prefix, tenantId, event.messageId);
    return this.commit([{ subject: `${prefix}.${event.type}`, expectation: '', event }]);
  }

  /** Publishes anything, as somebody else might. */
  async publishForeign(subject: string, body: string): Promise<number> {
    const reply = await this.nc.request(subject, body);
    return reply.json<{ seq: number }>().seq;
  }

  async delete(stream: string, sequence: number): Promise<void> {
    await (await jetstreamManager(this.nc)).streams.deleteMessage(stream, sequence, false);
  }

  async consumers(stream: string): Promise<number> {
    return (await (await jetstreamManager(this.nc)).streams.info(stream)).state.consumer_count;
  }

  async close(): Promise<void> {
    this.channel.close();
    await this.nc.close();
  }

  private async commit(
    messages: readonly { subject: string; expectation: string; event: { timestamp: string } }[],
  ): Promise<number> {
    const batch = nuid.next();
    let reply;
    for (const [i, { subject, expectation, event }] of messages.entries()) {
      const last = i === messages.length - 1;
      const headers = encodedHeaders(
        `NATS/1.0\r\n${expectation}${NATS_HEADER.batchId}: ${batch}\r\n${NATS_HEADER.batchSequence}: ${i + 1}\r\n` +
          `${last ? `${NATS_HEADER.batchCommit}: 1\r\n` : ''}${HEADER.time}: ${event.timestamp}\r\n` +
          `${HEADER.hash}: ${'A'.repeat(43)}\r\n${HEADER.salt}: ${'A'.repeat(22)}\r\n\r\n`,
      );
      const body = JSON.stringify(event);
      if (last) reply = this.nc.request(subject, body, { headers, timeout: 20_000 });
      else this.nc.publish(subject, body, { headers });
    }
    const ack = (await reply!).json<{ seq: number; error?: { description: string } }>();
    if (ack.error) throw new Error(ack.error.description);
    return ack.seq;
  }
}

/** All that an iterable hands out. */
export async function collect(events: AsyncIterable<RecordedEvent>): Promise<RecordedEvent[]> {
  const all: RecordedEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

export function versionsOf(events: readonly RecordedEvent[]): (number | undefined)[] {
  return events.map(({ version }) => version);
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
}

function envelope(given: SeedEvent, data: unknown) {
  const messageId = nuid.next();
  return {
    messageId,
    type: given.type ?? 'order.numbered',
    data: 'data' in given ? given.data : data,
    timestamp: given.timestamp ?? DEFAULT_TIME,
    schemaVersion: 1,
    correlationId: messageId,
  };
}

import {
  type RecordedEvent,
  type ReplayOutcome,
  type ReplaySink,
  ReplayTargetRefused,
  StoreUnavailable,
  replayedJson,
} from '@annals/core';
import { headers } from '@nats-io/transport-node';
import type { RequestChannel } from '../connection/request-channel.ts';
import { HEADER } from '../header/header-names.ts';
import type { Topology } from '../topology/topology.ts';

const CONTENT_TYPE = 'application/json';
/** Room for the headers and the protocol's own line. */
const HEADER_BYTES = 512;
const encoder = new TextEncoder();

/** Publishes events as JSON on a subject; delivered means that the server has them, for whoever listens. */
export class SubjectSink implements ReplaySink {
  constructor(
    private readonly channel: RequestChannel,
    private readonly subject: string,
    private readonly replayId: string,
  ) {}

  async *deliver(events: readonly RecordedEvent[]): AsyncGenerator<ReplayOutcome, void, undefined> {
    const outcomes = await this.publishAll(events);
    yield* outcomes;
  }

  async close(): Promise<void> {}

  /** @throws StoreUnavailable when the connection was lost meanwhile: what of it arrived is not known */
  private async publishAll(events: readonly RecordedEvent[]): Promise<readonly ReplayOutcome[]> {
    const { channel } = this;
    if (!channel.connected) throw new StoreUnavailable('the connection to nats-server is lost');
    let renewed = false;
    const forget = channel.whenReconnected(() => (renewed = true));
    try {
      const outcomes = events.map((event) => this.publish(event));
      await flushed(channel);
      if (renewed || !channel.connected) throw new StoreUnavailable('the connection to nats-server was lost');
      return outcomes;
    } finally {
      forget();
    }
  }

  private publish(event: RecordedEvent): ReplayOutcome {
    const body = encoder.encode(replayedJson(event));
    const most = this.channel.maxPayloadBytes - HEADER_BYTES;
    if (body.length > most) return { failure: `it has ${body.length} bytes as JSON, the server takes ${most}` };
    const block = headers();
    block.set('Content-Type', CONTENT_TYPE);
    block.set(HEADER.replayId, this.replayId);
    this.channel.publish(this.subject, body, block);
    return {};
  }
}

/** @throws ReplayTargetRefused for a subject that a stream of the store takes */
export function checkSubject(subject: string, topology: Topology): void {
  for (const { name, subjects } of topology.bindings) {
    if (subjects.some((pattern) => subject.startsWith(pattern.slice(0, -1)))) {
      throw new ReplayTargetRefused(`stream ${name} of the store takes what is published on ${subject}`);
    }
  }
}

/** Fulfilled when the server has all that was sent. @throws StoreUnavailable when it does not say so in time */
function flushed(channel: RequestChannel): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = (): void => reject(new StoreUnavailable('nats-server did not answer in time'));
    const timer = setTimeout(late, channel.defaultTimeoutMs);
    void channel.nc
      .flush()
      .then(resolve, (cause: unknown) => reject(new StoreUnavailable('the connection was lost', { cause })))
      .finally(() => clearTimeout(timer));
  });
}

import { StoreUnavailable } from '@annals/core';
import type { RequestChannel } from '../connection/request-channel.ts';
import { type ApiError, JETSTREAM_CODE } from '../error/jetstream-codes.ts';
import { unavailable } from '../error/unavailable.ts';
import { filterOf } from '../subject/subject-map.ts';
import type { StreamBinding } from '../topology/stream-binding.ts';
import { type OnScanned, ScanConsumer } from './scan-consumer.ts';

/** Messages a pull: the pause between two pulls no longer shows from here on. */
const BATCH = 10_000;
/** How long to wait for a replica that lags behind the leader, a try. */
const REPLICA_LAG_MS = 500;
/** Without any progress for this long the scan is given up. */
const STALLED_MS = 15_000;
const RETRY_MS = 100;

/**
 * Reads a stream's events in order, headers only, and goes on where it ended: over lost connections, restarts of the
 * server and lost consumers.
 */
export class EventScan {
  private consumer: ScanConsumer | undefined;
  private through: number;

  /** @param after the scan begins with the first event behind this stream sequence */
  constructor(
    private readonly channel: RequestChannel,
    private readonly binding: StreamBinding,
    after: number,
  ) {
    this.through = after;
  }

  /** Every event at or below this stream sequence was handed over. */
  get position(): number {
    return this.through;
  }

  /**
   * Hands over every event at or below `target` that was not yet, and perhaps some above.
   *
   * @param target a sequence of the stream, as its leader knows it
   * @throws StoreUnavailable when nothing moves for 15 s; the next call goes on
   */
  async advance(target: number, onScanned: OnScanned, signal?: AbortSignal): Promise<void> {
    while (await this.next(BATCH, target, onScanned, signal));
  }

  /**
   * Hands over the next events, at most `batch`, perhaps some above `target`.
   *
   * @returns false when every event at or below `target` was handed over
   * @throws StoreUnavailable when nothing moves for 15 s; the next call goes on
   */
  async next(batch: number, target: number, onScanned: OnScanned, signal?: AbortSignal): Promise<boolean> {
    const before = this.through;
    const giveUpAtMs = Date.now() + STALLED_MS;
    while (this.through === before && before < target) {
      signal?.throwIfAborted();
      try {
        await this.step(target, batch, onScanned);
      } catch (error) {
        this.close();
        if (this.through > before) break;
        if (this.channel.nc.isClosed() || Date.now() > giveUpAtMs) throw unavailable(error);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
      if (this.through === before && Date.now() > giveUpAtMs) {
        throw new StoreUnavailable(`stream ${this.binding.name} has events that no replica delivers`);
      }
    }
    return this.through < target;
  }

  /** Lets go of the server's side. The scan can go on all the same. */
  close(): void {
    this.consumer?.close();
    this.consumer = undefined;
  }

  /** One pull; where it brings nothing, the leader says whether there is anything. */
  private async step(target: number, batch: number, onScanned: OnScanned): Promise<void> {
    this.consumer ??= await ScanConsumer.create(this.channel, this.binding, this.through + 1);
    const take: OnScanned = (msg, delivery) => {
      onScanned(msg, delivery);
      this.through = delivery.sequence;
    };
    const { received, more } = await this.consumer.pull(batch, take);
    if (received > 0 && (more || this.through >= target)) return;
    const next = await this.nextSequence();
    if (next === undefined || next > target) this.through = Math.max(this.through, target);
    else if (received === 0) await this.consumer.pull(1, take, REPLICA_LAG_MS);
  }

  /** The leader's next event behind the position: the consumer may live on a replica that lags. */
  private async nextSequence(): Promise<number | undefined> {
    const { name, prefix } = this.binding;
    const query = { seq: this.through + 1, next_by_subj: filterOf(prefix) };
    const reply = await this.channel.request(`$JS.API.STREAM.MSG.GET.${name}`, JSON.stringify(query));
    const { error, message } = reply.json<{ error?: ApiError; message?: { seq: number } }>();
    if (error?.err_code === JETSTREAM_CODE.noMessageFound) return undefined;
    if (!message) throw new StoreUnavailable(`stream ${name} answered ${error?.err_code} (${error?.description})`);
    return message.seq;
  }
}

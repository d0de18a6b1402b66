import type { LeaderReader } from '../../read/leader-reader.ts';
import type { ConsumerInfo } from '../consumer/consumer-api.ts';

/** What a consumer has to do, and where. */
export interface WatchedConsumer {
  readonly stream: string;
  readonly info: ConsumerInfo;
  /** When the subscription was made, resumed or set to another place last, ISO 8601. */
  readonly movedAt: string;
}

interface Oldest {
  readonly floor: number;
  readonly recordedAtMs: number | undefined;
}

/** Tells consumers that have something to do and get nowhere from those that are only idle. */
export class StallWatch {
  private readonly oldest = new Map<string, Oldest>();
  /** When this process first saw that the server knows of no settled event: it forgets the time when it starts anew. */
  private readonly silentSince = new Map<string, number>();

  constructor(
    private readonly leader: LeaderReader,
    /** Milliseconds without a settled event. */
    private readonly stallMs: number,
  ) {}

  /** @throws StoreUnavailable */
  async isStalled({ stream, info, movedAt }: WatchedConsumer): Promise<boolean> {
    const key = `${stream}/${info.name}`;
    const lastSettled = info.ack_floor.last_active;
    if (lastSettled !== undefined) this.silentSince.delete(key);
    if (info.num_pending + info.num_ack_pending === 0) {
      this.oldest.delete(key);
      return false;
    }
    const before = Date.parse(info.ts) - this.stallMs;
    if (Date.parse(movedAt) > before) return false;
    if (lastSettled !== undefined && Date.parse(lastSettled) > before) return false;
    if (lastSettled === undefined && this.firstSilent(key) > Date.now() - this.stallMs) return false;
    const recordedAtMs = await this.oldestUnsettled(key, stream, info);
    return recordedAtMs !== undefined && recordedAtMs <= before;
  }

  private firstSilent(key: string): number {
    const since = this.silentSince.get(key) ?? Date.now();
    this.silentSince.set(key, since);
    return since;
  }

  /** When the stream took the oldest event that is not settled: an idle subscription that gets one is not stalled at once. */
  private async oldestUnsettled(key: string, stream: string, info: ConsumerInfo): Promise<number | undefined> {
    const floor = info.ack_floor.stream_seq;
    const known = this.oldest.get(key);
    if (known?.floor === floor && known.recordedAtMs !== undefined) return known.recordedAtMs;
    const { filter_subject, filter_subjects = [filter_subject ?? '>'] } = info.config;
    const first = await Promise.all(
      filter_subjects.map((next_by_subj) => this.leader.message(stream, { seq: floor + 1, next_by_subj })),
    );
    const times = first.flatMap((message) => (message ? [Date.parse(message.recordedAt)] : []));
    const recordedAtMs = times.length > 0 ? Math.min(...times) : undefined;
    this.oldest.set(key, { floor, recordedAtMs });
    return recordedAtMs;
  }
}

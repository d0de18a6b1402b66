import type { RequestChannel } from '../connection/request-channel.ts';
import { headerValue } from '../header/header-block.ts';
import { HEADER } from '../header/header-names.ts';
import { filterOf, versionInSubject } from '../subject/subject-map.ts';
import type { StreamBinding } from '../topology/stream-binding.ts';
import { LeaderReader } from './leader-reader.ts';
import { checkVersion } from './stored-message.ts';

/** What the leader says of an aggregate's newest event. */
export interface StreamHead {
  /** From 1. */
  readonly version: number;
  /** Stream sequence. */
  readonly sequence: number;
  /** Its link of the hash chain, base64url. */
  readonly hash?: string;
  /** RFC 3339 in UTC, nanoseconds. */
  readonly recordedAt: string;
}

/** Reads heads of aggregates from the leader: what was acknowledged is always in them. */
export class HeadReader {
  private readonly leader: LeaderReader;

  constructor(channel: RequestChannel) {
    this.leader = new LeaderReader(channel);
  }

  /**
   * @param aggregatePrefix of `aggregatePrefix()`
   * @returns undefined when the aggregate has no event
   * @throws StoreUnavailable; CorruptEvent when the newest message under the prefix holds no version
   */
  async head(binding: StreamBinding, aggregatePrefix: string): Promise<StreamHead | undefined> {
    const message = await this.leader.message(binding.name, { last_by_subj: filterOf(aggregatePrefix) });
    if (!message) return undefined;
    const hash = headerValue(message.headers, HEADER.hash);
    return {
      version: checkVersion(versionInSubject(message.subject, aggregatePrefix), message),
      sequence: message.sequence,
      ...(hash !== undefined && { hash }),
      recordedAt: message.recordedAt,
    };
  }
}

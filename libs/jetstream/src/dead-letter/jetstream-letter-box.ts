import { type DeadLetterKey, StoreUnavailable } from '@annals/core';
import { CommitSender } from '../append/commit-sender.ts';
import type { RequestChannel } from '../connection/request-channel.ts';
import type { ApiError } from '../error/jetstream-codes.ts';
import { unavailable } from '../error/unavailable.ts';
import type { LeaderReader } from '../read/leader-reader.ts';
import type { StoredMessage } from '../read/stored-message.ts';
import { removeMessages } from '../retention/remove-messages.ts';
import { deadLetterKeyFilter, deadLetterSubject } from '../subscribe/subscription-names.ts';
import type { KeptStream } from './kept-stream.ts';
import type { LaneLetters } from './lane-letters.ts';
import type { LetterBox, LetterToPost, StoredLetter } from './letter-box.ts';
import { type LetterMessage, decodeLetter, encodeLetter } from './letter-message.ts';
import { beforeNextTry, publishExpecting } from './publish-expecting.ts';

export interface LetterBoxParts {
  readonly channel: RequestChannel;
  readonly leader: LeaderReader;
  readonly letters: KeptStream;
  readonly lanes: LaneLetters;
}

/** One try of a publish may take this long: its server may be gone. */
const TRY_MS = 2_000;

/** Keeps dead letters in a stream of their own, one message a letter. */
export class JetStreamLetterBox implements LetterBox {
  private readonly sender: CommitSender;

  constructor(private readonly parts: LetterBoxParts) {
    this.sender = new CommitSender(parts.channel, Math.min(TRY_MS, parts.channel.defaultTimeoutMs));
  }

  async post(letter: LetterToPost): Promise<void> {
    const { channel, letters } = this.parts;
    const deadlineMs = Date.now() + channel.defaultTimeoutMs;
    // The first of its kind is the rule: it costs one request.
    let there: LetterMessage | undefined;
    if (letter.redrives > 0) there = await this.stored(letter.key);
    for (;;) {
      if (there && there.details.redrives >= letter.redrives) return;
      const message = encodeLetter(letter, there?.posted.sequence ?? 0, channel.maxPayloadBytes);
      const outcome = await publishExpecting(this.sender, letters, message);
      if (outcome.kind === 'landed') return this.removePredecessor(letter, there);
      if (outcome.kind === 'open') await beforeNextTry(deadlineMs, outcome.cause);
      else if (!outcome.isCertain)
        await beforeNextTry(deadlineMs, new StoreUnavailable('a letter is being replicated'));
      there = await this.stored(letter.key);
    }
  }

  async read(key: DeadLetterKey): Promise<StoredLetter | undefined> {
    const letter = await this.stored(key);
    if (!letter) return undefined;
    const { details } = letter;
    const message = details.hasBody ? letter.event : await this.eventOf(letter);
    return { key, message, redrives: details.redrives, ...(details.lane !== undefined && { lane: details.lane }) };
  }

  async settle(key: DeadLetterKey): Promise<void> {
    const { channel, letters } = this.parts;
    if (!(await letters.exists())) return;
    const body = JSON.stringify({ filter: deadLetterKeyFilter(key) });
    const reply = await channel.request(`$JS.API.STREAM.PURGE.${letters.name}`, body).catch((error: unknown) => {
      throw unavailable(error);
    });
    const { error } = reply.json<{ error?: ApiError }>();
    if (error) throw new StoreUnavailable(`stream ${letters.name} answered ${error.err_code} (${error.description})`);
  }

  ofAggregate(subscription: string, stream: string, lane: string): Promise<readonly DeadLetterKey[]> {
    return this.parts.lanes.of(subscription, stream, lane);
  }

  /** The letter as the leader knows it. */
  async stored(key: DeadLetterKey): Promise<LetterMessage | undefined> {
    const { leader, letters } = this.parts;
    if (!(await letters.exists())) return undefined;
    const message = await leader.message(letters.name, { last_by_subj: deadLetterKeyFilter(key) });
    return message && decodeLetter(message);
  }

  /** The event of a letter that was too large to hold it; what the letter knows when retention took it. */
  async eventOf({ key, event }: LetterMessage): Promise<StoredMessage> {
    return (await this.parts.leader.message(key.stream, { seq: key.sequence })) ?? event;
  }

  /** What could not be read before and can be now has another subject. */
  private async removePredecessor(letter: LetterToPost, there: LetterMessage | undefined): Promise<void> {
    if (!there || there.posted.subject === deadLetterSubject(letter.key, letter.lane)) return;
    const { channel, letters } = this.parts;
    await removeMessages({ channel, stream: letters.name, erase: false }, [[there.posted.sequence]]);
  }
}

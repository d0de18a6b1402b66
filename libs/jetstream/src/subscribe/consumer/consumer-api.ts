import { setTimeout as pause } from 'node:timers/promises';
import { StoreUnavailable } from '@annals/core';
import type { RequestChannel } from '../../connection/request-channel.ts';
import { RequestFailed } from '../../connection/request-failed.ts';
import { type ApiError, JETSTREAM_CODE } from '../../error/jetstream-codes.ts';
import { unavailable } from '../../error/unavailable.ts';
import { ConsumerRefused } from '../../read/consumer-refused.ts';

/** The part of a consumer's configuration that Annals sets or looks at; durations in nanoseconds. */
export interface ConsumerConfig {
  readonly durable_name: string;
  readonly name: string;
  readonly description?: string;
  readonly deliver_policy: string;
  readonly ack_policy: string;
  readonly ack_wait: number;
  readonly max_deliver: number;
  readonly max_ack_pending: number;
  readonly filter_subject?: string;
  readonly filter_subjects?: readonly string[];
  readonly pause_until?: string;
  readonly priority_groups?: readonly string[];
  readonly priority_policy?: string;
  readonly priority_timeout?: number;
  readonly metadata?: Readonly<Record<string, string>>;
}

interface SequencePair {
  readonly stream_seq: number;
  /** Absent until something happened, after a reset and after a restart of the server. */
  readonly last_active?: string;
}

/** What the server tells of a consumer. */
export interface ConsumerInfo {
  readonly name: string;
  readonly created: string;
  readonly config: ConsumerConfig;
  readonly delivered: SequencePair;
  readonly ack_floor: SequencePair;
  readonly num_ack_pending: number;
  readonly num_redelivered: number;
  readonly num_waiting: number;
  readonly num_pending: number;
  readonly paused?: boolean;
  readonly priority_groups?: readonly { readonly group: string; readonly pinned_client_id?: string }[];
  /** The server's time of the answer. */
  readonly ts: string;
}

const TRY_MS = 1_000;
const PAUSE_MS = 50;
const UNAVAILABLE = 503;
/** The server knows no pause without an end. */
const FOR_EVER_MS = 100 * 365 * 24 * 3_600_000;

/**
 * Requests of the consumer API that are sent again until they are answered: each of them may be done twice. All throw
 * StoreUnavailable when no answer comes or the server refuses, but ConsumerRefused where the consumer is not there.
 */
export class ConsumerApi {
  constructor(private readonly channel: RequestChannel) {}

  /** Undefined when there is no such consumer, or no such stream. */
  async info(stream: string, name: string): Promise<ConsumerInfo | undefined> {
    const answer = await this.ask<ConsumerInfo>(`$JS.API.CONSUMER.INFO.${stream}.${name}`, '');
    if (!answer.error) return answer;
    if (new ConsumerRefused(answer.error).missing) return undefined;
    throw refusal(answer.error);
  }

  /** @returns false when one of that name with another configuration is there */
  async create(stream: string, config: ConsumerConfig): Promise<boolean> {
    const { error } = await this.write(stream, config, 'create');
    if (!error) return true;
    if (error.err_code === JETSTREAM_CODE.consumerExists) return false;
    throw refusal(error);
  }

  /**
   * Replaces the configuration. It does not end a pause, and its answer is not what the consumer is now (nats-server
   * 2.15.1: it tells what the consumer was when it was made).
   */
  async update(stream: string, config: ConsumerConfig): Promise<void> {
    const { error } = await this.write(stream, config, 'update');
    if (error) throw refusal(error);
  }

  /**
   * Lets the consumer deliver from a sequence on, or from its ack floor on.
   *
   * A consumer that is not there gives no answer to this, nor does one of a cluster that was made a moment ago (2.15.1).
   */
  async reset(stream: string, name: string, sequence?: number): Promise<void> {
    const body = sequence === undefined ? '' : JSON.stringify({ seq: sequence });
    const subject = `$JS.API.CONSUMER.RESET.${stream}.${name}`;
    const deadlineMs = this.deadline();
    for (;;) {
      try {
        const { error } = await this.once(subject, body, TRY_MS);
        if (!error) return;
        if (error.code !== UNAVAILABLE || Date.now() >= deadlineMs) throw refusal(error);
        await pause(PAUSE_MS);
      } catch (error) {
        if (!(error instanceof RequestFailed)) throw error;
        if (error.reason === 'closed' || Date.now() >= deadlineMs) throw unavailable(error);
        if (!(await this.info(stream, name))) throw missing(name);
      }
    }
  }

  async pause(stream: string, name: string): Promise<void> {
    await this.setPause(stream, name, { pause_until: farAhead() });
  }

  async resume(stream: string, name: string): Promise<void> {
    await this.setPause(stream, name, {});
  }

  /** Takes the place of the active replica from whoever has it; harmless where nobody does. */
  async unpin(stream: string, name: string, group: string): Promise<void> {
    const { error } = await this.ask(`$JS.API.CONSUMER.UNPIN.${stream}.${name}`, JSON.stringify({ group }));
    if (error) throw refusal(error);
  }

  /** Harmless where there is none. */
  async remove(stream: string, name: string): Promise<void> {
    const { error } = await this.ask(`$JS.API.CONSUMER.DELETE.${stream}.${name}`, '');
    if (error && !new ConsumerRefused(error).missing) throw refusal(error);
  }

  private async setPause(stream: string, name: string, body: object): Promise<void> {
    const { error } = await this.ask(`$JS.API.CONSUMER.PAUSE.${stream}.${name}`, JSON.stringify(body));
    if (error) throw refusal(error);
  }

  private write(stream: string, config: ConsumerConfig, action: 'create' | 'update'): Promise<Answer<unknown>> {
    const body = JSON.stringify({ stream_name: stream, config, action });
    return this.ask(`$JS.API.CONSUMER.CREATE.${stream}.${config.name}`, body);
  }

  private async ask<T>(subject: string, body: string): Promise<Answer<T>> {
    const deadlineMs = this.deadline();
    for (;;) {
      try {
        const answer = await this.once<T>(subject, body, 2 * TRY_MS);
        // The stream or the consumer has no leader just now.
        if (answer.error?.code !== UNAVAILABLE || Date.now() >= deadlineMs) return answer;
      } catch (error) {
        if (!(error instanceof RequestFailed)) throw error;
        if (error.reason === 'closed' || Date.now() >= deadlineMs) throw unavailable(error);
      }
      await pause(PAUSE_MS);
    }
  }

  private async once<T>(subject: string, body: string, timeoutMs: number): Promise<Answer<T>> {
    const reply = await this.channel.request(subject, body, {
      timeoutMs: Math.min(timeoutMs, this.channel.defaultTimeoutMs),
    });
    return reply.json<Answer<T>>();
  }

  private deadline(): number {
    return Date.now() + this.channel.defaultTimeoutMs;
  }
}

type Answer<T> = T & { readonly error?: ApiError };

/** The end of a pause that lasts until somebody ends it. */
export function farAhead(): string {
  return new Date(Date.now() + FOR_EVER_MS).toISOString();
}

function refusal(error: ApiError): Error {
  const refused = new ConsumerRefused(error);
  if (refused.missing) return refused;
  const reason = `nats-server refuses a consumer (${error.err_code} ${error.description})`;
  return new StoreUnavailable(reason, { cause: refused });
}

/** The error for a consumer that is not there. */
export function missing(name: string): ConsumerRefused {
  const description = `consumer ${name} is not there`;
  return new ConsumerRefused({ code: 404, err_code: JETSTREAM_CODE.consumerNotFound, description });
}

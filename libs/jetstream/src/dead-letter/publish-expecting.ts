import { setTimeout as pause } from 'node:timers/promises';
import { StoreUnavailable } from '@annals/core';
import type { CommitMessage } from '../append/commit-messages.ts';
import type { CommitOutcome, CommitSender } from '../append/commit-sender.ts';
import { JETSTREAM_CODE } from '../error/jetstream-codes.ts';
import { unavailable } from '../error/unavailable.ts';
import type { KeptStream } from './kept-stream.ts';

/** What is known after one try. */
export type TryOutcome =
  | { readonly kind: 'landed' }
  /** Something else stands, or stood a moment ago, where nothing or something different was expected. */
  | { readonly kind: 'conflict'; readonly isCertain: boolean }
  /** To be tried again. */
  | { readonly kind: 'open'; readonly cause: unknown };

const RETRY_PAUSE_MS = 50;

/**
 * Puts one message into a stream that is made when it is not there.
 *
 * @throws StoreUnavailable when the server refuses it, ProvisioningRefused
 */
export async function publishExpecting(
  sender: CommitSender,
  stream: KeptStream,
  message: CommitMessage,
): Promise<TryOutcome> {
  await stream.ensure();
  const outcome = await new Promise<CommitOutcome>((resolve) => sender.send([message], resolve));
  switch (outcome.kind) {
    case 'landed':
      return { kind: 'landed' };
    case 'conflict':
      // A message that is being replicated may still fail to be stored.
      return { kind: 'conflict', isCertain: outcome.code === JETSTREAM_CODE.wrongLastSequence };
    case 'refused':
      throw new StoreUnavailable(
        `stream ${stream.name} takes no message (${outcome.error.err_code} ${outcome.error.description})`,
        { cause: outcome.error },
      );
    case 'unsent':
      // No server leads the stream, or it was removed.
      stream.forget();
      return { kind: 'open', cause: outcome.cause };
    case 'unknown':
      return { kind: 'open', cause: outcome.cause };
  }
}

/** Waits before the next try. @throws StoreUnavailable when the deadline is over */
export async function beforeNextTry(deadlineMs: number, cause: unknown): Promise<void> {
  if (Date.now() + RETRY_PAUSE_MS > deadlineMs) throw unavailable(cause);
  await pause(RETRY_PAUSE_MS * (0.5 + Math.random()));
}

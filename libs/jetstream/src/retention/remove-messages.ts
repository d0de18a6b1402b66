import { StoreUnavailable } from '@annals/core';
import type { RequestChannel } from '../connection/request-channel.ts';
import type { ApiError } from '../error/jetstream-codes.ts';
import { unavailable } from '../error/unavailable.ts';
import { LeaderReader } from '../read/leader-reader.ts';

/** Deletions in flight. */
const PARALLEL = 32;

/** How events are removed from a stream. */
export interface Removal {
  readonly channel: RequestChannel;
  readonly stream: string;
  /** True overwrites the bytes on disk, false only forgets where they are. */
  readonly erase: boolean;
}

/**
 * Deletes messages, those of a group one after the other in the order given, groups at once. What is gone already counts
 * as deleted, so that it can be repeated.
 *
 * @throws StoreUnavailable; what was deleted until then stays deleted
 */
export async function removeMessages(removal: Removal, groups: readonly (readonly number[])[]): Promise<void> {
  const waiting = groups.values();
  let failed = false;
  const worker = async (): Promise<void> => {
    for (const group of waiting) {
      for (const sequence of group) {
        if (failed) return;
        await removeMessage(removal, sequence);
      }
    }
  };
  const workers = Array.from({ length: Math.min(PARALLEL, groups.length) }, () =>
    worker().catch((error: unknown) => {
      failed = true;
      throw error;
    }),
  );
  // All have to end before the caller goes on: none may delete after it said that it failed.
  const outcomes = await Promise.allSettled(workers);
  const failure = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failure) throw failure.reason;
}

async function removeMessage({ channel, stream, erase }: Removal, sequence: number): Promise<void> {
  const body = JSON.stringify(erase ? { seq: sequence } : { seq: sequence, no_erase: true });
  const reply = await channel.request(`$JS.API.STREAM.MSG.DELETE.${stream}`, body).catch((error: unknown) => {
    throw unavailable(error);
  });
  const { error } = reply.json<{ error?: ApiError }>();
  if (!error) return;
  // What is gone already is refused with several numbers (10043, 10057), which stand for other things too.
  if (!(await new LeaderReader(channel).message(stream, { seq: sequence }))) return;
  throw new StoreUnavailable(`stream ${stream} did not delete ${sequence}: ${error.err_code} ${error.description}`);
}

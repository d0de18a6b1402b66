import type { MarketplaceUrls } from './marketplace-client.ts';
import { Tally } from './tally.ts';
import { userStory, type StoryEnd } from './user-story.ts';

/** How much traffic. */
export interface TrafficOptions {
  /** How many users sign up, from 1. */
  readonly users: number;
  /** Tells this run from others; their users are others. */
  readonly run: string;
  /** How many act at a time; 8 unless given. */
  readonly atOnce?: number | undefined;
  readonly onProgress?: ((progress: { readonly users: number; readonly commands: number }) => void) | undefined;
  /** Begins no more stories. */
  readonly signal?: AbortSignal | undefined;
}

/** What the traffic did. */
export interface TrafficReport {
  readonly tally: Tally;
  /** A user who sells, and is still there: something to look at. */
  readonly highlight: (StoryEnd & { readonly vendorId: string }) | undefined;
}

/**
 * Lets users act on the marketplace over HTTP, as many at a time as wanted.
 *
 * @throws Error with request and answer at the first answer that is not as it should be
 */
export async function driveTraffic(urls: MarketplaceUrls, options: TrafficOptions): Promise<TrafficReport> {
  const { users, run, atOnce = 8, onProgress, signal } = options;
  const tally = new Tally();
  let next = 0;
  let finished = 0;
  let highlight: TrafficReport['highlight'];
  const report = () => onProgress?.({ users: finished, commands: tally.get('commands') });
  const actOneAfterTheOther = async () => {
    while (next < users) {
      signal?.throwIfAborted();
      const end = await userStory({ urls, run, index: next++, tally, onCommand: report });
      finished += 1;
      if (end.alive && end.vendorId !== undefined) highlight ??= { ...end, vendorId: end.vendorId };
      report();
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, users) }, actOneAfterTheOther));
  return { tally, highlight };
}

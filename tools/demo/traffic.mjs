import { count, Progress } from './progress.mjs';
/** @import { MarketplaceUrls, TrafficReport } from '@annals/marketplace' */

/**
 * Lets users act on the marketplace.
 * @param {MarketplaceUrls} urls
 * @param {{ users: number }} options
 * @param {{ log: (line: string) => void, signal: AbortSignal }} context
 * @returns {Promise<TrafficReport>}
 */
export async function runTraffic(urls, { users }, { log, signal }) {
  const { driveTraffic } = await import('@annals/marketplace');
  log(`${count(users)} users act on the marketplace`);
  const progress = new Progress({ what: 'users', total: users });
  const run = Date.now().toString(36);
  try {
    const report = await driveTraffic(urls, { users, run, signal, onProgress: (seen) => progress.update(seen.users) });
    log(`Done: ${progress.finish()}`);
    for (const [what, times] of report.tally.entries()) log(`  ${count(times).padStart(7)} ${what}`);
    return report;
  } catch (error) {
    progress.finish();
    throw error;
  }
}

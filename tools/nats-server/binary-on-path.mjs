import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { inspectBinary } from './inspect-binary.mjs';
/** @import { ProvisionContext, WayOutcome } from './index.mjs' */

/**
 * Looks through the PATH; a server that is too old or does not run is passed over for a later one.
 * @param {ProvisionContext} context
 * @returns {Promise<WayOutcome>}
 */
export async function findBinaryOnPath(context) {
  const name = context.platform === 'win32' ? 'nats-server.exe' : 'nats-server';
  const reasons = [];
  for (const directory of (context.env.PATH ?? '').split(delimiter).filter(Boolean)) {
    const path = join(directory, name);
    if (!(await isExecutable(path))) continue;
    const outcome = await inspectBinary(path, context);
    if (outcome.found) return outcome;
    reasons.push(outcome.reason);
  }
  return { found: false, reason: reasons.join('; ') || 'no nats-server there' };
}

/** @param {string} path */
async function isExecutable(path) {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

import { inspectBinary } from './inspect-binary.mjs';
import { NatsServerTooOld } from './provision-errors.mjs';
/** @import { ProvisionContext, WayOutcome } from './index.mjs' */

/**
 * Takes the server that NATS_SERVER_BINARY names. Who names one means it: one that cannot be used is an error, not a
 * reason to take another.
 * @param {ProvisionContext} context
 * @returns {Promise<WayOutcome>}
 * @throws {NatsServerTooOld}
 */
export async function findNamedBinary(context) {
  const path = context.env.NATS_SERVER_BINARY;
  if (!path) return { found: false, reason: 'NATS_SERVER_BINARY is not set' };
  const outcome = await inspectBinary(path, context);
  if (!outcome.found)
    throw new NatsServerTooOld(`NATS_SERVER_BINARY cannot be used: ${outcome.reason}. Name another one or unset it.`);
  return outcome;
}

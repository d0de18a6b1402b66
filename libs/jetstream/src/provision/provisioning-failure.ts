import { ProvisioningRefused, isAnnalsError } from '@annals/core';
import { JetStreamApiError } from '@nats-io/jetstream';
import { PermissionViolationError } from '@nats-io/transport-node';
import { unavailable } from '../error/unavailable.ts';

/** Numbers of refusals that provisioning meets (nats-server 2.15.1, server/errors.json); texts change between versions. */
export const PROVISIONING_CODE = {
  /** A stream of this name with another configuration is there. */
  nameInUse: 10058,
  /** Another stream takes some of the subjects. */
  subjectsOverlap: 10065,
  streamNotFound: 10059,
  /** The server is no cluster, or has too few peers for the replicas. */
  replicasNotSupported: 10074,
  noSuitablePeers: 10005,
  /** Storage of the server or the account is used up or reserved. */
  insufficientResources: 10023,
  storageExceeded: 10047,
  accountLimits: 10002,
  streamLimit: 10027,
} as const;

const STORAGE_CODES: readonly number[] = [
  PROVISIONING_CODE.insufficientResources,
  PROVISIONING_CODE.storageExceeded,
  PROVISIONING_CODE.accountLimits,
  PROVISIONING_CODE.streamLimit,
];

/** True when `error` is the server's refusal with this number. */
export function hasCode(error: unknown, code: number): error is JetStreamApiError {
  return error instanceof JetStreamApiError && error.code === code;
}

/** The error for a caller whose stream could not be read, made or changed. */
export function provisioningFailure(error: unknown, stream: string, replicas: number): Error {
  if (isAnnalsError(error)) return error;
  const refuse = (setting: string, found: unknown, wanted: unknown, wayOut: string): ProvisioningRefused =>
    new ProvisioningRefused([{ stream, setting, found, wanted, wayOut }], { cause: error });

  if (isPermissionViolation(error)) {
    return refuse(
      'permissions',
      'not allowed',
      'may create, read and change the stream',
      `let this user use $JS.API.STREAM.*.${stream}, or set the stream up with a user who may and open the store in mode 'verify'.`,
    );
  }
  if (!(error instanceof JetStreamApiError)) return unavailable(error);
  if (error.code === PROVISIONING_CODE.replicasNotSupported || error.code === PROVISIONING_CODE.noSuitablePeers) {
    return refuse(
      'num_replicas',
      error.message,
      replicas,
      'ask for as many replicas as the cluster has servers with free storage (1 on a single server), or add servers.',
    );
  }
  if (STORAGE_CODES.includes(error.code)) {
    return refuse(
      'storage',
      error.message,
      'room for the stream',
      'raise the limits of the account or the server, or free storage.',
    );
  }
  // 503: a part of the cluster is not there at the moment.
  if (error.status === 503) return unavailable(error);
  return refuse(
    'configuration',
    `${error.code} ${error.message}`,
    'accepted',
    'see the log of nats-server for the reason.',
  );
}

function isPermissionViolation(error: unknown): boolean {
  return error instanceof PermissionViolationError || (error as Error)?.cause instanceof PermissionViolationError;
}

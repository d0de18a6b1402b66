import { ProvisioningRefused, isAnnalsError } from '@annals/core';
import { JetStreamApiError } from '@nats-io/jetstream';
import { PermissionViolationError } from '@nats-io/transport-node';
import { JETSTREAM_CODE } from '../error/jetstream-codes.ts';
import { unavailable } from '../error/unavailable.ts';

const STORAGE_CODES: readonly number[] = [
  JETSTREAM_CODE.insufficientResources,
  JETSTREAM_CODE.storageExceeded,
  JETSTREAM_CODE.accountLimits,
  JETSTREAM_CODE.streamLimit,
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
  if (error.code === JETSTREAM_CODE.replicasNotSupported || error.code === JETSTREAM_CODE.noSuitablePeers) {
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

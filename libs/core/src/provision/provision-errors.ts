import { AnnalsError, isAnnalsError } from '../error/annals-error.ts';

/** One setting of a stream that is not as the store needs it. */
export interface StreamDifference {
  readonly stream: string;
  /** The server's name of the setting, for example `max_age`; or what else stands in the way, like `permissions`. */
  readonly setting: string;
  readonly found: unknown;
  readonly wanted: unknown;
  /** What an operator can do, as a sentence. */
  readonly wayOut: string;
}

/** A stream is set up in a way that would lose or damage events, or cannot be set up. Nothing was changed. */
export class ProvisioningRefused extends AnnalsError {
  readonly code = 'provisioning-refused';

  constructor(
    /** Every difference that stands in the way; never empty. */
    readonly differences: readonly StreamDifference[],
    options?: { cause?: unknown },
  ) {
    super(`The streams cannot be used as they are. ${differences.map(describeDifference).join(' ')}`, options);
  }
}

/** True for {@link ProvisioningRefused}. */
export function isProvisioningRefused(error: unknown): error is ProvisioningRefused {
  return isAnnalsError(error) && error.code === 'provisioning-refused';
}

/** An aggregate type whose events are in another stream than the topology says. */
export interface MisplacedType {
  readonly aggregateType: string;
  /** The stream that holds events of it. */
  readonly foundIn: string;
  /** The stream that the topology gives it. */
  readonly wantedIn: string;
}

/** The topology would tear aggregates apart: their events are in another stream than it says. Nothing was changed. */
export class MisplacedAggregateType extends AnnalsError {
  readonly code = 'misplaced-aggregate-type';

  constructor(
    /** Never empty. */
    readonly misplaced: readonly MisplacedType[],
  ) {
    const list = misplaced.map(
      ({ aggregateType, foundIn, wantedIn }) =>
        `${JSON.stringify(aggregateType)} has events in stream ${foundIn}, the topology puts it into ${wantedIn}`,
    );
    super(
      `Aggregate types are in another stream than the topology says: ${list.join('; ')}. ` +
        'Give each type back to the stream that holds its events, or move the events first (guide: topology).',
    );
  }
}

/** True for {@link MisplacedAggregateType}. */
export function isMisplacedAggregateType(error: unknown): error is MisplacedAggregateType {
  return isAnnalsError(error) && error.code === 'misplaced-aggregate-type';
}

/** The server cannot hold the store: it is too old, or it has no JetStream. */
export class ServerTooOld extends AnnalsError {
  readonly code = 'server-too-old';

  constructor(
    /** The server's version as it names it. */
    readonly foundVersion: string,
    readonly minimumVersion: string,
    /** False when the version would do, but JetStream is off for the server or the account. */
    readonly hasJetStream: boolean = true,
    options?: { cause?: unknown },
  ) {
    super(
      hasJetStream
        ? `nats-server ${foundVersion} is too old, Annals needs ${minimumVersion} or newer: ` +
            'older ones lose messages of atomic batches. Upgrade the server.'
        : `nats-server ${foundVersion} has no JetStream for this account: ` +
            'start it with -js (or a jetstream block in its configuration), or enable JetStream for the account.',
      options,
    );
  }
}

/** True for {@link ServerTooOld}. */
export function isServerTooOld(error: unknown): error is ServerTooOld {
  return isAnnalsError(error) && error.code === 'server-too-old';
}

function describeDifference({ stream, setting, found, wanted, wayOut }: StreamDifference): string {
  return `${stream}: ${setting} is ${shown(found)}, wanted is ${shown(wanted)}: ${wayOut}`;
}

function shown(value: unknown): string {
  return value === undefined ? 'absent' : JSON.stringify(value);
}

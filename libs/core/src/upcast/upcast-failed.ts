import { AnnalsError, isAnnalsError } from '../error/annals-error.ts';
import type { Position, RecordedEvent } from '../event/event-message.ts';

/** An old event could not be brought to today's schema version. Reading stops there: what follows could be wrong. */
export class UpcastFailed extends AnnalsError {
  readonly code = 'upcast-failed';
  readonly eventType: string;
  readonly version: number | undefined;
  readonly position: Position;

  constructor(
    event: RecordedEvent,
    /** The schema version at which it failed. */
    readonly schemaVersion: number,
    reason: string,
    options?: { cause?: unknown },
  ) {
    const { stream, sequence } = event.position;
    const version = event.version === undefined ? '' : `version ${event.version}, `;
    super(
      `${event.type} (${version}${stream}:${sequence}) cannot be migrated from schema version ${schemaVersion}: ${reason}`,
      options,
    );
    this.eventType = event.type;
    this.version = event.version;
    this.position = event.position;
  }
}

/** True for {@link UpcastFailed}, also of another copy of the package. */
export function isUpcastFailed(error: unknown): error is UpcastFailed {
  return isAnnalsError(error) && error.code === 'upcast-failed';
}

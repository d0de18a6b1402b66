import { AnnalsError } from '../error/annals-error.ts';

/** No process of that name was ever run on this store. */
export class ProcessNotFound extends AnnalsError {
  readonly code = 'process-not-found';

  constructor(readonly process: string) {
    super(`There is no process ${process}: it is known once a service has run it.`);
  }
}

/** The process has no instance of that key, or it was over so long ago that it is no longer kept. */
export class ProcessInstanceNotFound extends AnnalsError {
  readonly code = 'process-instance-not-found';

  constructor(
    readonly process: string,
    readonly key: string,
    readonly tenantId: string,
  ) {
    super(`Process ${process} has no instance ${JSON.stringify(key)} in tenant ${tenantId}.`);
  }
}

/** The instance is over already. */
export class ProcessInstanceEnded extends AnnalsError {
  readonly code = 'process-instance-ended';

  constructor(
    readonly process: string,
    readonly key: string,
    readonly state: string,
  ) {
    super(`Instance ${JSON.stringify(key)} of process ${process} is over already: it is ${state}.`);
  }
}

/** Thrown by the function of a command to say that another attempt would not help: the process gets the failure at once. */
export class CommandRejected extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'CommandRejected';
  }
}

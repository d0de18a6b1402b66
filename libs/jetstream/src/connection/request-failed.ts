/** Why no reply came. */
export type RequestFailure = 'timeout' | 'disconnected' | 'no-responders' | 'closed';

/** A request to the server was not answered. Internal: the callers know whether that leaves an outcome open. */
export class RequestFailed extends Error {
  constructor(
    readonly reason: RequestFailure,
    readonly subject: string,
    options?: { cause?: unknown },
  ) {
    super(`no answer to ${subject}: ${reason}`, options);
    this.name = 'RequestFailed';
  }

  /** False when the request surely reached no one who would act on it. */
  get sent(): boolean {
    return this.reason !== 'no-responders';
  }
}

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

  /** True when the request surely never reached the server. */
  get sent(): boolean {
    return this.reason !== 'closed' && this.reason !== 'no-responders';
  }
}

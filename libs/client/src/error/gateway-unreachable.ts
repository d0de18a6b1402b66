import { reasonOf } from './reason-of.ts';

/** The request could not be sent or its answer not be received: nobody listens, the network broke, or time ran out. */
export class GatewayUnreachable extends Error {
  override readonly name = 'GatewayUnreachable';
  readonly retryable = true;

  constructor(method: string, url: string, options: { cause: unknown }) {
    super(`${method} ${url} got no answer: ${reasonOf(options.cause)}`, options);
  }
}

/** Something answered that is no gateway: a proxy, another program on the port. */
export class UnexpectedAnswer extends Error {
  override readonly name = 'UnexpectedAnswer';

  constructor(
    readonly status: number,
    readonly url: string,
    /** The beginning of what was answered. */
    readonly excerpt: string,
  ) {
    super(`${url} answered ${status} with something else than the gateway's JSON: ${JSON.stringify(excerpt)}`);
  }
}

/** A stream ended before its last event: what was read is true, but not all. Read on from the last event. */
export class StreamBrokenOff extends Error {
  override readonly name = 'StreamBrokenOff';
  readonly retryable = true;

  constructor(url: string, options?: { cause: unknown }) {
    super(`The stream ${url} broke off before its end.`, options);
  }
}

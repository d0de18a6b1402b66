import { type ApiError, JETSTREAM_CODE } from '../error/jetstream-codes.ts';

const UNAVAILABLE = 503;
const MISSING: ReadonlySet<number | undefined> = new Set([
  JETSTREAM_CODE.consumerNotFound,
  JETSTREAM_CODE.consumerDoesNotExist,
  JETSTREAM_CODE.streamNotFound,
]);

/** The server did not make a consumer. Internal: whoever reads turns it into an error of the library. */
export class ConsumerRefused extends Error {
  /** True when the server may make it a moment later: its stream has no leader just now. */
  readonly passing: boolean;
  /** True when there is no such consumer, or no such stream. */
  readonly missing: boolean;

  constructor(error: ApiError | undefined) {
    super(`the stream cannot be read (${error?.err_code ?? 'no answer'} ${error?.description ?? ''})`);
    this.name = 'ConsumerRefused';
    this.passing = error?.code === UNAVAILABLE;
    this.missing = MISSING.has(error?.err_code);
  }
}

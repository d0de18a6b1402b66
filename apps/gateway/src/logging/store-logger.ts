import type { Logger as StoreLogger } from '@annals/core';
import type { Logger } from 'pino';

/** Gives the store a line into the gateway's log. */
export function storeLogger(logger: Logger): StoreLogger {
  return {
    debug: (message, fields) => logger.debug(fields ?? {}, message),
    info: (message, fields) => logger.info(fields ?? {}, message),
    warn: (message, fields) => logger.warn(fields ?? {}, message),
    error: (message, fields) => logger.error(fields ?? {}, message),
  };
}

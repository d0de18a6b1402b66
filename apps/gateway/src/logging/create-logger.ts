import { type DestinationStream, type Logger, pino } from 'pino';
import type { LogLevel } from '../config/gateway-config.ts';

/** A logger of JSON lines. Values that could hold credentials are cut out. */
export function createLogger(level: LogLevel, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    redact: { paths: ['*.authorization', '*.password', '*.token'], censor: '[redacted]' },
    timestamp: pino.stdTimeFunctions.isoTime,
  };
  return destination ? pino(options, destination) : pino(options);
}

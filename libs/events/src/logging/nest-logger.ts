import { Logger as NestLogger, type LoggerService } from '@nestjs/common';
import type { Logger } from '@annals/core';

/**
 * Passes the library's log on to Nest's logger, fields as JSON behind the message.
 *
 * @param target Nest's own logger with the context `EventsModule` unless given
 */
export function nestLogger(target: LoggerService = new NestLogger('EventsModule')): Logger {
  return {
    debug: (message, fields) => target.debug?.(line(message, fields)),
    info: (message, fields) => target.log(line(message, fields)),
    warn: (message, fields) => target.warn(line(message, fields)),
    error: (message, fields) => target.error(line(message, fields)),
  };
}

type Fields = Readonly<Record<string, unknown>>;

function line(message: string, fields: Fields | undefined): string {
  if (!fields || Object.keys(fields).length === 0) return message;
  return `${message} ${json(fields)}`;
}

/** A log line must never throw: cycles and bigint are left to String. */
function json(fields: Fields): string {
  try {
    return JSON.stringify(fields, (_key, value: unknown) => {
      if (typeof value === 'bigint') return String(value);
      return value instanceof Error ? `${value.name}: ${value.message}` : value;
    });
  } catch {
    return Object.entries(fields)
      .map(([key, value]) => `${key}=${String(value)}`)
      .join(' ');
  }
}

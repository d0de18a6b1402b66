import { eventPatternProblem, nameProblem, toUtcTimestamp } from '@annals/core';
import { DEFAULT_PAGE_LIMIT, MAX_CURSOR_CHARACTERS, MAX_PAGE_LIMIT, MAX_QUERY_TYPES } from '@annals/contract';
import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { ValidateIf } from 'class-validator';
import { Must } from '../http/query-values.ts';

/** Unlike `@IsOptional` this lets no null through, which no field here means anything by. */
export function Optional(): PropertyDecorator {
  return ValidateIf((_, value) => value !== undefined);
}

/** A tenant, aggregate type or aggregate id. */
export function Name(description: string): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ description, type: String, minLength: 1, maxLength: 200 }),
    Optional(),
    Must('name', once(nameProblem)),
  );
}

/** A version, from 1. */
export function Version(description: string): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ description, type: Number, format: 'int64', minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
    Optional(),
    Must(
      'version',
      once((value) =>
        Number.isSafeInteger(value) && (value as number) >= 1 ? undefined : 'must be a whole number from 1 to 2^53-1',
      ),
    ),
  );
}

/** A point in time. */
export function Moment(description: string): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ description, type: String, format: 'date-time' }),
    Optional(),
    Must(
      'moment',
      once((value) =>
        toUtcTimestamp(value) === undefined
          ? 'must be an ISO 8601 date and time with Z or an offset (+ is written %2B in a URL)'
          : undefined,
      ),
    ),
  );
}

/** How many items a page takes. */
export function PageLimit(
  description = `Events on a page; ${DEFAULT_PAGE_LIMIT} unless given, as NDJSON all.`,
): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({
      description,
      type: Number,
      minimum: 1,
      maximum: MAX_PAGE_LIMIT,
    }),
    Optional(),
    Must(
      'limit',
      once((value) =>
        Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MAX_PAGE_LIMIT
          ? undefined
          : `must be a whole number from 1 to ${MAX_PAGE_LIMIT}`,
      ),
    ),
  );
}

/** Where a page begins. What is in it is checked by the reader, which made it. */
export function Cursor(): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({
      description: 'nextCursor of the page before, with the same criteria and order.',
      type: String,
    }),
    Optional(),
    Must(
      'cursor',
      once((value) =>
        typeof value === 'string' && value.length > 0 && value.length <= MAX_CURSOR_CHARACTERS
          ? undefined
          : 'must be the nextCursor of the page before',
      ),
    ),
  );
}

/** Ascending or descending. */
export function OrderOf(): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ description: 'Ascending unless desc.', enum: ['asc', 'desc'] }),
    Optional(),
    Must(
      'order',
      once((value) => (value === 'asc' || value === 'desc' ? undefined : 'must be asc or desc')),
    ),
  );
}

/** One event type or pattern. */
export function EventTypeOf(): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ description: 'An event type, or a pattern like user.* or vendor.>', type: String }),
    Optional(),
    Must('eventType', once(eventPatternProblem)),
  );
}

/** Several event types or patterns. */
export function EventTypesOf(): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({
      description: `Event types or patterns, at most ${MAX_QUERY_TYPES}; in a query joined by commas.`,
      type: [String],
    }),
    Optional(),
    Must('eventTypes', (value) => {
      if (!Array.isArray(value) || value.length === 0) return 'must be a list of at least one event type';
      if (value.length > MAX_QUERY_TYPES) return `must name at most ${MAX_QUERY_TYPES} types`;
      for (const type of value) {
        const problem = eventPatternProblem(type);
        if (problem !== undefined) return `holds ${JSON.stringify(type)}, which ${problem}`;
      }
      return undefined;
    }),
  );
}

/** A parameter that is given twice arrives as a list. */
export function once(check: (value: unknown) => string | undefined): (value: unknown) => string | undefined {
  return (value) => (Array.isArray(value) ? 'must be given once' : check(value));
}

import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Must } from '../http/query-values.ts';
import { Optional, once } from '../read/rules.ts';

const MIN_RATE = 0.01;
const MAX_RATE = 1_000_000;
const MAX_CORRELATION_CHARACTERS = 500;

/** Events a second. */
export function Rate(description: string): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ description, type: Number, minimum: MIN_RATE, maximum: MAX_RATE }),
    Optional(),
    Must('rate', (value) =>
      typeof value === 'number' && value >= MIN_RATE && value <= MAX_RATE
        ? undefined
        : `must be a number from ${MIN_RATE} to ${MAX_RATE}`,
    ),
  );
}

/** Of a chain of events. */
export function CorrelationId(): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({
      description: 'With a target: events of this chain only.',
      type: String,
      minLength: 1,
      maxLength: MAX_CORRELATION_CHARACTERS,
    }),
    Optional(),
    Must(
      'correlationId',
      once((value) =>
        typeof value === 'string' && value.length > 0 && value.length <= MAX_CORRELATION_CHARACTERS
          ? undefined
          : `must be 1 to ${MAX_CORRELATION_CHARACTERS} characters`,
      ),
    ),
  );
}

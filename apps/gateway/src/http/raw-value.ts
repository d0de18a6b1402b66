import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { Must } from './query-values.ts';
import { Optional } from '../read/rules.ts';

/** A field whose value the store's own check looks into: handed on as it was sent, but for null, which means nothing. */
export function Raw(): PropertyDecorator {
  return applyDecorators(
    Transform(({ obj, key }: { obj: Record<string, unknown>; key: string }) => obj[key]),
    Optional(),
    Must('raw', (value) => (value === null ? 'must not be null' : undefined)),
  );
}

/** `true` or `false`. */
export function Flag(): PropertyDecorator {
  return applyDecorators(
    Optional(),
    Must('flag', (value) => (typeof value === 'boolean' ? undefined : 'must be true or false')),
  );
}

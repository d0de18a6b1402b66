import { type ValidationError, ValidationPipe } from '@nestjs/common';
import { invalidRequest, type ProblemDetail } from './problem.ts';

/** Checks bodies and queries against their DTOs; an unknown property is an error, since it would go unheard. */
export function validationPipe(): ValidationPipe {
  return new ValidationPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    transform: true,
    stopAtFirstError: true,
    exceptionFactory: (errors) => invalidRequest(errors.flatMap((error) => details(error, ''))),
  });
}

/** class-validator repeats the property in its messages; a path says more where objects are nested. */
function details(error: ValidationError, parent: string): readonly ProblemDetail[] {
  const path = parent === '' ? error.property : `${parent}.${error.property}`;
  const own = Object.values(error.constraints ?? {}).map((message) => ({ path, message: withoutName(message, error) }));
  return [...own, ...(error.children ?? []).flatMap((child) => details(child, path))];
}

function withoutName(message: string, { property }: ValidationError): string {
  if (message === `property ${property} should not exist`) return 'is not a known property';
  return message.startsWith(`${property} `) ? message.slice(property.length + 1) : message;
}

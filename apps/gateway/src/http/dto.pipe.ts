import { type PipeTransform } from '@nestjs/common';
import { ValidationError, type ValidationProblem } from '@annals/core';
import { plainToInstance } from 'class-transformer';
import { type ValidationError as FieldErrors, validateSync } from 'class-validator';
import { asRecord } from './as-record.ts';

/** A body or query with more keys than this is refused without looking at each. */
const MAX_KEYS = 100;

/**
 * Turns a query or a body into an instance of a class with class-validator's decorators, and refuses what they refuse,
 * with all problems at once. Keys that the class does not declare are refused too.
 */
export class DtoPipe<Dto extends object> implements PipeTransform<unknown, Dto> {
  constructor(
    private readonly dto: new () => Dto,
    /** What an undeclared key is not: 'a parameter of this route', 'a field of this body'. */
    private readonly kind: string,
  ) {}

  /** @throws ValidationError */
  transform(value: unknown): Dto {
    const given = value === undefined ? {} : asRecord(value);
    if (given === undefined) throw new ValidationError([{ path: '', message: 'must be a JSON object' }]);
    if (Object.keys(given).length > MAX_KEYS) {
      throw new ValidationError([{ path: '', message: `must have at most ${MAX_KEYS} fields` }]);
    }
    // __proto__ is nowhere declared; it must not get as far as class-transformer, which assigns by key.
    if (Object.hasOwn(given, '__proto__')) throw this.#undeclared('__proto__');
    const dto = this.#instantiate(given);
    const errors = validateSync(dto, { whitelist: true, forbidNonWhitelisted: true });
    if (errors.length > 0) throw new ValidationError(errors.flatMap((error) => this.#problemsOf(error, '')));
    return dto;
  }

  #instantiate(given: Record<string, unknown>): Dto {
    try {
      return plainToInstance(this.dto, given);
    } catch (error) {
      // class-transformer walks into every value; JSON.parse takes more levels than the stack does.
      if (error instanceof RangeError) throw new ValidationError([{ path: '', message: 'is nested too deeply' }]);
      throw error;
    }
  }

  #problemsOf(error: FieldErrors, parent: string): ValidationProblem[] {
    const path = `${parent}${error.property}`;
    const messages = Object.entries(error.constraints ?? {});
    const own = messages.slice(0, 1).map(([constraint, message]) => ({
      path,
      message: constraint === 'whitelistValidation' ? `is not ${this.kind}` : message,
    }));
    return [...own, ...(error.children ?? []).flatMap((child) => this.#problemsOf(child, `${path}.`))];
  }

  #undeclared(path: string): ValidationError {
    return new ValidationError([{ path, message: `is not ${this.kind}` }]);
  }
}

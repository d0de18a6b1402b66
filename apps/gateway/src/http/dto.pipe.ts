import { type PipeTransform } from '@nestjs/common';
import { ValidationError, type ValidationProblem } from '@annals/core';
import { plainToInstance } from 'class-transformer';
import { getMetadataStorage, validateSync } from 'class-validator';
import { asRecord } from './as-record.ts';

/** A body or query with more keys than this is refused without looking at each. */
const MAX_KEYS = 100;

/**
 * Turns a query or a body into an instance of a class with class-validator's decorators, and refuses what they refuse,
 * with all problems at once. Keys that the class does not declare are refused too.
 */
export class DtoPipe<Dto extends object> implements PipeTransform<unknown, Dto> {
  readonly #declared: ReadonlySet<string>;

  constructor(
    private readonly dto: new () => Dto,
    /** What an undeclared key is not: 'a parameter of this route', 'a field of this body'. */
    private readonly kind: string,
  ) {
    const rules = getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false);
    this.#declared = new Set(rules.map(({ propertyName }) => propertyName));
  }

  /** @throws ValidationError */
  transform(value: unknown): Dto {
    const given = value === undefined ? {} : asRecord(value);
    if (given === undefined) throw new ValidationError([{ path: '', message: 'must be a JSON object' }]);
    const keys = Object.keys(given);
    if (keys.length > MAX_KEYS) {
      throw new ValidationError([{ path: '', message: `must have at most ${MAX_KEYS} fields` }]);
    }
    // Before class-transformer, which passes over names that every object has, and walks into whatever it is given.
    const problems: ValidationProblem[] = keys
      .filter((key) => !this.#declared.has(key))
      .map((path) => ({ path, message: `is not ${this.kind}` }));
    const declared = Object.fromEntries(Object.entries(given).filter(([key]) => this.#declared.has(key)));
    const dto = this.#instantiate(declared);
    for (const { property, constraints } of validateSync(dto)) {
      const [message = 'is not valid'] = Object.values(constraints ?? {});
      problems.push({ path: property, message });
    }
    if (problems.length > 0) throw new ValidationError(problems);
    return dto;
  }

  #instantiate(given: Record<string, unknown>): Dto {
    try {
      return plainToInstance(this.dto, given);
    } catch (error) {
      // JSON.parse takes more levels than the stack does.
      if (error instanceof RangeError) throw new ValidationError([{ path: '', message: 'is nested too deeply' }]);
      throw error;
    }
  }
}

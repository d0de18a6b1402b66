import type { ClassSupport, ValidationProblem } from '@annals/core';
import { type ClassConstructor, plainToInstance } from 'class-transformer';
import { type ValidationError as ClassProblem, validate } from 'class-validator';

/**
 * Checks data by the decorators of class-validator, and makes instances of them by class-transformer, so that nested
 * classes (`@Type`) are instances too.
 */
export const classValidation: ClassSupport = {
  async problems(type, data) {
    if (!isObject(data)) return [{ path: '', message: `must be an object, the data of a ${type.name}` }];
    const instance = data instanceof type ? data : plainToInstance(type as ClassConstructor<object>, data);
    // A class without decorators has nothing to check.
    const found = await validate(instance, { forbidUnknownValues: false });
    return found.flatMap((problem) => flattened(problem, ''));
  },
  revive(type, data) {
    // What is no object was stored before there was a class.
    return isObject(data) ? plainToInstance(type as unknown as ClassConstructor<typeof type.prototype>, data) : data;
  },
} as ClassSupport;

function isObject(data: unknown): data is object {
  return typeof data === 'object' && data !== null && !Array.isArray(data);
}

function flattened({ property, constraints = {}, children = [] }: ClassProblem, within: string): ValidationProblem[] {
  const path = within === '' ? property : `${within}.${property}`;
  const own = Object.values(constraints).map((text) => ({ path, message: withoutName(text, property) }));
  return [...own, ...children.flatMap((child) => flattened(child, path))];
}

/** The path says it already. */
function withoutName(text: string, property: string): string {
  return text.startsWith(`${property} `) ? text.slice(property.length + 1) : text;
}

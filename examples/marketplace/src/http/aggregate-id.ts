import { nameProblem } from '@annals/core';
import { Param, type PipeTransform } from '@nestjs/common';
import { invalidRequest } from './problem.ts';

class AggregateIdPipe implements PipeTransform<unknown, string> {
  constructor(private readonly name: string) {}

  transform(value: unknown): string {
    const problem = nameProblem(value);
    if (problem) throw invalidRequest([{ path: this.name, message: problem }]);
    return value as string;
  }
}

/** A path parameter that names an aggregate; refused with 400 when the store could not take it as an id. */
export function IdParam(name = 'id'): ParameterDecorator {
  return Param(name, new AggregateIdPipe(name));
}

import type { ValidationProblem } from '../error/validation-error.ts';
import { isThenable } from '../state/reducer-failed.ts';

/**
 * A validator of data as many libraries offer it (zod, valibot, arktype …): the part of Standard Schema 1 that is needed
 * here. https://standardschema.dev
 */
export interface StandardSchema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}

type StandardResult<Output> =
  { readonly value: Output; readonly issues?: undefined } | { readonly issues: readonly StandardIssue[] };

interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** A class whose instances are the data of events. */
// The arguments are nobody's business: an instance is made of its prototype and the data.
export type EventClass<Data extends object = object> = abstract new (...args: never[]) => Data;

/** What is wrong with data, by path within them; empty when nothing is. */
export type DataProblems = readonly ValidationProblem[] | Promise<readonly ValidationProblem[]>;

/** What a declaration of an event type needs of a library of classes, such as class-validator. */
export interface ClassSupport {
  /** What is wrong with data as an instance of the class. */
  problems(type: EventClass, data: unknown): DataProblems;
  /** An instance of the data as they are stored. */
  revive<Data extends object>(type: EventClass<Data>, data: unknown): Data;
}

/** Makes instances by their prototype and checks nothing. */
export const plainClasses: ClassSupport = {
  problems: () => [],
  revive: (type, data) => Object.assign(Object.create(type.prototype as object), data),
};

/** What a standard schema finds wrong with data. */
export function schemaProblems(schema: StandardSchema, data: unknown): DataProblems {
  const result = schema['~standard'].validate(data);
  // A library may have promises of its own.
  if (isThenable(result)) return Promise.resolve(result).then(problemsOf);
  return problemsOf(result as StandardResult<unknown>);
}

function problemsOf({ issues }: StandardResult<unknown>): readonly ValidationProblem[] {
  return issues?.map(({ message, path = [] }) => ({ path: path.map(keyOf).join('.'), message })) ?? [];
}

function keyOf(segment: PropertyKey | { readonly key: PropertyKey }): string {
  return String(typeof segment === 'object' ? segment.key : segment);
}

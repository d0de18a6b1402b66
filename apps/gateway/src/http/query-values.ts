import { Transform } from 'class-transformer';
import { registerDecorator } from 'class-validator';

/** Digits of a query become a number; everything else is left for the rules to refuse. */
export function IntegerText(): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^\d{1,20}$/.test(value) ? Number(value) : value,
  );
}

/** `a,b`, or the parameter given several times, becomes a list. */
export function CommaList(): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) => {
    if (value === undefined) return undefined;
    return [value].flat().flatMap((part: unknown) => (typeof part === 'string' ? part.split(',') : [part]));
  });
}

/** A rule whose message says what the value must be; `check` gives it, or undefined where the value is good. */
export function Must(name: string, check: (value: unknown) => string | undefined): PropertyDecorator {
  return (target, propertyName) => {
    registerDecorator({
      name,
      target: target.constructor,
      propertyName: propertyName as string,
      validator: {
        validate: (value) => check(value) === undefined,
        defaultMessage: (args) => check(args?.value) ?? 'is not valid',
      },
    });
  };
}

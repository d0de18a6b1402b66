import { Inject, Injectable } from '@nestjs/common';
import { EventRegistry, type ValidationProblem, isValidationError } from '@annals/core';

/** The application's registry while it starts: collects what is wrong, so that the start ends with all of it. */
@Injectable()
export class StartingRegistry {
  private readonly problems: ValidationProblem[] = [];

  constructor(@Inject(EventRegistry) private readonly registry: EventRegistry) {}

  /** @throws ValidationError once the application has started; what is wrong before is thrown then */
  registerMigration(...[eventType, from, to, migration]: Parameters<EventRegistry['registerMigration']>): void {
    try {
      this.registry.registerMigration(eventType, from, to, migration);
    } catch (error) {
      if (this.registry.isSealed || !isValidationError(error)) throw error;
      const place = `migrations.${eventType} ${from}→${to}`;
      this.problems.push(...error.errors.map(({ path, message }) => ({ path: `${place}: ${path}`, message })));
    }
  }

  /** @throws ValidationError with every problem */
  seal(): void {
    this.registry.seal(this.problems);
  }
}

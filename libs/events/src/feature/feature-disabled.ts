import { AnnalsError } from '@annals/core';

/** A method belongs to a feature that the module's options turn off. */
export class FeatureDisabled extends AnnalsError {
  readonly code = 'feature-disabled';

  constructor(
    /** The option that turned it off. */
    readonly option: FeatureOption,
    /** The method that was called. */
    readonly method: string,
  ) {
    super(
      `${method} is turned off by ${option}: false in the options of EventsModule; leave the option out to use it.`,
    );
  }
}

/** Options that turn features of the service on and off; all are on unless set to false. */
export interface FeatureOptions {
  /** `getEventHistory`, `iterateEventHistory`. */
  readonly enableAuditLog?: boolean | undefined;
  /** `replayEvents`, `iterateEvents`, `getEventsByType`, `getEventsByAggregateType`, `getEventsSince`, `startReplay`. */
  readonly enableEventReplay?: boolean | undefined;
  /** `reconstructState`, `reconstructStateWithVersion`. */
  readonly enableStateReconstruction?: boolean | undefined;
}

/** The name of one of the feature options. */
export type FeatureOption = keyof FeatureOptions;

/** @throws FeatureDisabled when the options turn the feature off */
export function requireFeature(options: FeatureOptions, option: FeatureOption, method: string): void {
  if (options[option] === false) throw new FeatureDisabled(option, method);
}

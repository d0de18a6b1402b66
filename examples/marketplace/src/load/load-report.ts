/** How far a load is. */
export interface LoadProgress {
  /** Events that are stored now: appended by this load or there before. */
  readonly done: number;
  readonly appended: number;
  readonly alreadyThere: number;
}

/** What a load did. */
export interface LoadReport extends LoadProgress {
  /** What was appended, by event type … */
  readonly eventTypes: Readonly<Record<string, number>>;
  /** … and by aggregate type. */
  readonly aggregateTypes: Readonly<Record<string, number>>;
}

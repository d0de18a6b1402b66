/** How large the loads are. */
export interface Scale {
  /** True: too small to conclude anything from, for trying out the benchmark itself. */
  readonly quick: boolean;
  /** Measured seconds of a load that has no end of its own. */
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /** Most operations in one measured run. */
  readonly operations: number;
  readonly aggregates: {
    readonly small: number;
    readonly usual: number;
    readonly subscribed: number;
    readonly million: number;
  };
  /** Events of the large aggregate; over 1,024, where the server refuses a wildcard. */
  readonly large: number;
  /** Appends kept in flight to see what they cost in memory. */
  readonly manyInFlight: number;
  readonly requestsPerSecond: number;
  /** Multiplies the numbers in flight; they stay at 1 or above. */
  readonly inFlightFactor: number;
}

/** What the published figures are made with. */
export const FULL: Scale = {
  quick: false,
  seconds: 5,
  warmUpSeconds: 1,
  operations: 1_000_000,
  aggregates: { small: 1_000, usual: 3_000, subscribed: 30_000, million: 100_000 },
  large: 10_000,
  manyInFlight: 10_000,
  requestsPerSecond: 1_000,
  inFlightFactor: 1,
};

/** A few hundred operations each. */
export const QUICK: Scale = {
  quick: true,
  seconds: 0.3,
  warmUpSeconds: 0.05,
  operations: 200,
  aggregates: { small: 20, usual: 30, subscribed: 40, million: 60 },
  large: 1_100,
  manyInFlight: 150,
  requestsPerSecond: 200,
  inFlightFactor: 0.25,
};

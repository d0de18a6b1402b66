/** Where somebody is, in degrees (WGS 84). */
export interface Location {
  readonly lat: number;
  readonly long: number;
  readonly accuracyMeters?: number;
  readonly address?: string;
}

/** True when both are the same place, to the last digit. */
export function isSameLocation(a: Location | undefined, b: Location): boolean {
  return (
    a !== undefined &&
    a.lat === b.lat &&
    a.long === b.long &&
    a.accuracyMeters === b.accuracyMeters &&
    a.address === b.address
  );
}

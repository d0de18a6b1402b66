const ISO = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(Z|z|[+-]\d{2}:?\d{2})$/;

/**
 * Brings an ISO 8601 date-time to UTC and keeps the digits of its second as given.
 *
 * @returns `YYYY-MM-DDTHH:MM:SS[.digits]Z`, or undefined when `value` is no date-time with `Z` or an offset, or no real date.
 */
export function toUtcTimestamp(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > 40) return undefined;
  const parts = ISO.exec(value);
  if (!parts) return undefined;
  const [, year, month, day, hour, minute, second = '00', fraction, zone] = parts;
  const whole = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const epochMs = Date.parse(`${whole}Z`);
  // Date.parse rolls 31 February over into March on some engines and refuses it on others.
  if (Number.isNaN(epochMs) || new Date(epochMs).toISOString().slice(0, 19) !== whole) return undefined;
  const digits = fraction ? `.${fraction}` : '';
  if (zone === 'Z' || zone === 'z') return `${whole}${digits}Z`;
  const shiftMs = offsetMs(zone!);
  if (shiftMs === undefined) return undefined;
  const utc = new Date(epochMs - shiftMs);
  if (Number.isNaN(utc.getTime()) || utc.getUTCFullYear() < 0 || utc.getUTCFullYear() > 9999) return undefined;
  return `${utc.toISOString().slice(0, 19)}${digits}Z`;
}

/**
 * Orders two timestamps in the form that {@link toUtcTimestamp} returns, to the last digit.
 *
 * @returns negative, 0 or positive as `a` is before, at or after `b`.
 */
export function compareTimestamps(a: string, b: string): number {
  const wholeA = a.slice(0, 19);
  const wholeB = b.slice(0, 19);
  if (wholeA !== wholeB) return wholeA < wholeB ? -1 : 1;
  const fractionA = a.slice(20, -1).padEnd(9, '0');
  const fractionB = b.slice(20, -1).padEnd(9, '0');
  return fractionA < fractionB ? -1 : fractionA > fractionB ? 1 : 0;
}

/** True when `timestamp` lies in the range, both ends inclusive; an absent end is open. */
export function isWithin(timestamp: string, from: string | undefined, to: string | undefined): boolean {
  return (
    (from === undefined || compareTimestamps(timestamp, from) >= 0) &&
    (to === undefined || compareTimestamps(timestamp, to) <= 0)
  );
}

function offsetMs(zone: string): number | undefined {
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(-2));
  if (hours > 23 || minutes > 59) return undefined;
  const shift = (hours * 60 + minutes) * 60_000;
  return zone.startsWith('-') ? -shift : shift;
}

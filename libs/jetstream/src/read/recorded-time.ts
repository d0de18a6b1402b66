const NANO_DIGITS = 9;

let lastSecond = '';
let lastText = '';

/**
 * A time of the server in the form in which Direct Get tells it: ISO 8601 in UTC without trailing zeros (Go's
 * RFC3339Nano), so that an event looks the same whichever way it was read.
 *
 * @param nanoseconds since 1970, as decimal digits: more than a number holds
 */
export function recordedTime(nanoseconds: string): string {
  const second = nanoseconds.slice(0, -NANO_DIGITS);
  if (second !== lastSecond) {
    lastSecond = second;
    lastText = new Date(Number(second) * 1000).toISOString().slice(0, 19);
  }
  let end = nanoseconds.length;
  const start = end - NANO_DIGITS;
  while (end > start && nanoseconds.charCodeAt(end - 1) === 48) end--;
  return end === start ? `${lastText}Z` : `${lastText}.${nanoseconds.slice(start, end)}Z`;
}

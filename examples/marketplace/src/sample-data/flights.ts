import type { AtomicGroup } from '../load/event-to-load.ts';
import { assignVersions, type SampleEvent } from '../load/assign-versions.ts';

/** A row of `flights-20k.json` of the package vega-datasets: a flight in the United States in 2001. */
export interface FlightRow {
  /** `2001/01/01 00:47`, without a time zone. */
  readonly date: string;
  /** Minutes; negative: early. */
  readonly delay: number;
  /** Miles. */
  readonly distance: number;
  /** IATA codes. */
  readonly origin: string;
  readonly destination: string;
}

const DATE = /^(\d{4})\/(\d{2})\/(\d{2}) (\d{2}:\d{2})$/;

/**
 * Turns flights into events: each is one atomic group of three, `flight.departed` at the origin and `flight.arrived` at
 * the destination (aggregates of type `airport`), and `flight.flown` on the `route`. A flight has one time in the data,
 * and no time zone: all three carry it, taken as UTC.
 *
 * Message ids follow from the row's place in the file, so that the same file gives the same events.
 * @throws Error on a row whose date cannot be read
 */
export function flightsToEvents(rows: readonly FlightRow[]): readonly AtomicGroup[] {
  return assignVersions(rows.map((row, index) => flightToEvents(row, index + 1)));
}

function flightToEvents(row: FlightRow, number: number): readonly SampleEvent[] {
  const { origin, destination, delay: delayMinutes, distance: distanceMiles } = row;
  const flight = `flight-${String(number).padStart(5, '0')}`;
  const route = `${origin}-${destination}`;
  const common = {
    timestamp: timestampOf(row, number),
    correlationId: flight,
    source: { type: 'dataset', id: 'flights-20k.json', name: 'vega-datasets' },
    tags: [`airport:${origin}`, `airport:${destination}`, `route:${route}`],
  };
  const data = { flight, origin, destination, distanceMiles, delayMinutes };
  const departed = `${flight}-departed`;
  return [
    {
      aggregate: { type: 'airport', id: origin },
      event: { ...common, type: 'flight.departed', messageId: departed, data },
    },
    {
      aggregate: { type: 'airport', id: destination },
      event: { ...common, type: 'flight.arrived', messageId: `${flight}-arrived`, causationId: departed, data },
    },
    {
      aggregate: { type: 'route', id: route },
      event: { ...common, type: 'flight.flown', messageId: `${flight}-flown`, causationId: departed, data },
    },
  ];
}

function timestampOf({ date }: FlightRow, number: number): string {
  const parts = DATE.exec(date);
  if (!parts)
    throw new Error(`Flight ${number} has the date ${JSON.stringify(date)}, expected was like 2001/01/31 09:05.`);
  const [, year, month, day, time] = parts;
  return `${year}-${month}-${day}T${time}:00Z`;
}

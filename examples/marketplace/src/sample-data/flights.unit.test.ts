import { prepareAppend } from '@annals/core';
import { flightsToEvents } from './flights.ts';
import { readSampleData } from './read-sample-data.ts';

const row = { date: '2001/01/01 00:47', delay: -3, distance: 1750, origin: 'DTW', destination: 'LAS' };

describe('flights as events', () => {
  it('makes one atomic group of a flight: departed, arrived, flown', () => {
    const [group] = flightsToEvents([row]);
    expect(group).toHaveLength(3);
    expect(group!.map(({ aggregate, version, event }) => [aggregate, version, event.type, event.messageId])).toEqual([
      [{ type: 'airport', id: 'DTW' }, 1, 'flight.departed', 'flight-00001-departed'],
      [{ type: 'airport', id: 'LAS' }, 1, 'flight.arrived', 'flight-00001-arrived'],
      [{ type: 'route', id: 'DTW-LAS' }, 1, 'flight.flown', 'flight-00001-flown'],
    ]);
    expect(group![1]!.event).toMatchObject({
      timestamp: '2001-01-01T00:47:00Z',
      correlationId: 'flight-00001',
      causationId: 'flight-00001-departed',
      data: { flight: 'flight-00001', origin: 'DTW', destination: 'LAS', distanceMiles: 1750, delayMinutes: -3 },
    });
  });

  it('counts on in an airport that a flight leaves and another reaches', () => {
    const [, second] = flightsToEvents([row, { ...row, origin: 'LAS', destination: 'DTW' }]);
    expect(second!.map(({ version }) => version)).toEqual([2, 2, 1]);
  });

  it('names the flight whose date cannot be read', () => {
    expect(() => flightsToEvents([row, { ...row, date: '1 January' }])).toThrow(/Flight 2 .*1 January/);
  });

  it('maps all 20,000 real flights to events that the store accepts', async () => {
    const groups = await readSampleData('flights');
    expect(groups).toHaveLength(20_000);
    const sizes = new Map<string, number>();
    const ids = new Set<string>();
    let gaps = 0;
    for (const group of groups) {
      const parts = group.map(({ aggregate, version, event }) => {
        gaps += version === (sizes.get(aggregate.id) ?? 0) + 1 ? 0 : 1;
        sizes.set(aggregate.id, version);
        ids.add(event.messageId!);
        return { aggregate, events: [event], expectedVersion: version - 1 };
      });
      prepareAppend(parts, undefined, () => 'unused', Date.now);
    }
    expect(gaps).toBe(0);
    expect(ids.size).toBe(60_000);
    const largest = [...sizes].sort((a, b) => b[1] - a[1]).slice(0, 3);
    expect(largest).toEqual([
      ['ORD', 2_255],
      ['DFW', 2_130],
      ['ATL', 1_671],
    ]);
  });

  it('is the same every time, and a limit gives its beginning', async () => {
    const few = await readSampleData('flights', 50);
    expect(few).toHaveLength(50);
    expect((await readSampleData('flights')).slice(0, 50)).toEqual(few);
  });
});

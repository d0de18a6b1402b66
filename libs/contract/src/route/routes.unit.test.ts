import {
  deadLetterRoute,
  processInstanceRoute,
  processRoute,
  projectionRoute,
  reconstructRoute,
  replayJobRoute,
  ROUTES,
  snapshotRoute,
  subscriptionRoute,
} from '../index.ts';

describe('routes', () => {
  it('encodes an id with slashes and spaces into one path segment', () => {
    expect(reconstructRoute('a/b c')).toBe('/events/streams/a%2Fb%20c/reconstruct');
  });

  it('puts what is done behind what it is done with', () => {
    expect(subscriptionRoute('billing:a b')).toBe('/events/subscriptions/billing%3Aa%20b');
    expect(subscriptionRoute('billing', 'rewind')).toBe('/events/subscriptions/billing/rewind');
    expect(projectionRoute('orders/by day', 'rebuild')).toBe('/events/projections/orders%2Fby%20day/rebuild');
    expect(processRoute('a:b', 'instances')).toBe('/events/processes/a%3Ab/instances');
    expect(processInstanceRoute('a', 'b/c', 'end')).toBe('/events/processes/a/instances/b%2Fc/end');
    expect(snapshotRoute('a/b', 'c d')).toBe('/events/snapshots/a%2Fb/c%20d');
    expect(replayJobRoute('01J', 'cancel')).toBe('/events/replays/01J/cancel');
    expect(deadLetterRoute('billing/EVENTS/5')).toBe('/events/dead-letters/billing/EVENTS/5');
    expect(deadLetterRoute('billing/EVENTS/5', 'redrive')).toBe('/events/dead-letters/billing/EVENTS/5/redrive');
  });

  it('names each path once', () => {
    const paths = Object.values(ROUTES);
    expect(new Set(paths).size).toBe(paths.length);
  });
});

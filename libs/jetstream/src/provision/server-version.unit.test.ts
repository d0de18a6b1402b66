import fc from 'fast-check';
import { MINIMUM_SERVER_VERSION, isSupportedVersion } from './server-version.ts';

describe('isSupportedVersion', () => {
  it.each([
    '2.14.4',
    '2.14.5',
    '2.15.0',
    '2.15.1',
    'v2.15.1',
    '2.15.0-RC.1',
    '2.16.0-dev',
    '3.0.0',
    '10.0.0',
    '2.15.1+build.7',
  ])('takes %s', (version) => expect(isSupportedVersion(version)).toBe(true));

  it.each(['2.14.3', '2.14.0', '2.14.4-RC.1', '2.14.4-preview.2', '2.10.29', '2.9.99', '1.4.1', '0.0.0'])(
    'refuses %s as too old',
    (version) => expect(isSupportedVersion(version)).toBe(false),
  );

  it.each(['', 'devel', '2.15', '2.15.x', '2.15.1.1'])('refuses %j, which is no version', (version) =>
    expect(isSupportedVersion(version)).toBe(false),
  );

  it('orders by number, never by text', () => {
    const part = fc.nat({ max: 200 });
    fc.assert(
      fc.property(fc.tuple(part, part, part), fc.tuple(part, part, part), (a, b) => {
        const order = a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
        expect(isSupportedVersion(a.join('.'), b.join('.'))).toBe(order >= 0);
        expect(isSupportedVersion(`${a.join('.')}-RC.1`, b.join('.'))).toBe(order > 0);
      }),
    );
    expect(MINIMUM_SERVER_VERSION).toBe('2.14.4');
  });
});

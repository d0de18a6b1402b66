import { reconstructRoute, ROUTES } from '../index.ts';

describe('routes', () => {
  it('encodes an id with slashes and spaces into one path segment', () => {
    expect(reconstructRoute('a/b c')).toBe('/events/streams/a%2Fb%20c/reconstruct');
  });

  it('names each path once', () => {
    const paths = Object.values(ROUTES);
    expect(new Set(paths).size).toBe(paths.length);
  });
});

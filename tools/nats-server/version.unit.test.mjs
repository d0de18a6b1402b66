import { describe, expect, test } from '@jest/globals';
import { compareVersions, versionFromOutput } from './version.mjs';

describe('versions of nats-server', () => {
  test.each([
    ['2.14.3', '2.14.4'],
    ['2.9.25', '2.14.4'],
    ['2.14.4-RC.1', '2.14.4'],
    ['v2.14.4', '3.0.0'],
  ])('%s comes before %s', (older, newer) => {
    expect(compareVersions(older, newer)).toBeLessThan(0);
    expect(compareVersions(newer, older)).toBeGreaterThan(0);
  });

  test('a version equals itself, with and without the letter v', () => {
    expect(compareVersions('v2.15.1', '2.15.1')).toBe(0);
  });

  test('are read from what the server prints', () => {
    expect(versionFromOutput('nats-server: v2.15.1\n')).toBe('2.15.1');
    expect(versionFromOutput('nats-server: v2.15.0-RC.2\n')).toBe('2.15.0-RC.2');
    expect(versionFromOutput('some other program 1.0.0')).toBeUndefined();
  });
});

import { describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { looksAtData, looksAtGenerated, looksAtTraffic, toCurl } from './look-at.mjs';

const GATEWAY = 'http://127.0.0.1:3000';
const seen = { userId: 'user-1', vendorId: 'vendor-1', correlationId: 'c' };

describe('what to look at', () => {
  test('covers history, replay, aggregate, stats and reconstruction in every mode', () => {
    for (const looks of [
      looksAtTraffic(GATEWAY, { users: 'http://127.0.0.1:1', vendors: 'http://127.0.0.1:2' }, seen),
      looksAtData(GATEWAY, 'flights'),
      looksAtData(GATEWAY, 'github'),
      looksAtGenerated(GATEWAY, { type: 'product', id: 'product-1-1' }),
    ]) {
      const urls = looks.map(({ url }) => url).join('\n');
      for (const route of [
        '/events/history?',
        '/events/replay?',
        '/events/aggregate?',
        '/events/stats',
        '/reconstruct?',
      ]) {
        expect(urls).toContain(route);
      }
    }
  });

  test('encodes ids with slashes and hashes', () => {
    const [history] = looksAtData(GATEWAY, 'github').filter(({ url }) => url.includes('/history?'));
    expect(history?.url).toBe(`${GATEWAY}/events/history?aggregateType=issue&aggregateId=Codertocat%2FHello-World%231`);
  });

  test('is written as a curl line that a shell takes apart as it was meant', () => {
    const line = toCurl({ shows: '', method: 'POST', url: 'http://x/a?b=c&d=$e', accept: 'a/b', body: { it: "it's" } });
    const words = execFileSync('/bin/sh', ['-c', `printf '%s\\n' ${line}`], {
      encoding: 'utf8',
    });
    expect(words.trimEnd().split('\n')).toEqual([
      'curl',
      '-s',
      '-X',
      'POST',
      '-H',
      'accept: a/b',
      '-H',
      'content-type: application/json',
      '-d',
      `{"it":"it's"}`,
      'http://x/a?b=c&d=$e',
    ]);
  });
});

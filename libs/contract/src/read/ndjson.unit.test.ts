import { isBrokenOffLine } from '../index.ts';

const problem = { code: 'store-unavailable', status: 503, title: 'The event store cannot be reached' };

describe('lines of a stream', () => {
  it('recognises the line that says why the stream broke off', () => {
    expect(isBrokenOffLine({ problem })).toBe(true);
  });

  it('takes no event for it, whatever the event holds', () => {
    expect(isBrokenOffLine({ id: '1', type: 'a', data: { problem } })).toBe(false);
    expect(isBrokenOffLine({ id: '1', type: 'a', problem })).toBe(false);
    expect(isBrokenOffLine({ problem: 'text' })).toBe(false);
    expect(isBrokenOffLine(null)).toBe(false);
  });
});

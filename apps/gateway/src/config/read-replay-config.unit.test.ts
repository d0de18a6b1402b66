import { Environment } from './environment.ts';
import { readReplays } from './read-replay-config.ts';

describe('the configuration of replays', () => {
  it('drives them, writes no files, and sends unsigned webhooks to public addresses unless told otherwise', () => {
    expect(readReplays(new Environment({}))).toEqual({
      drive: true,
      fileDirectory: undefined,
      webhook: { secret: undefined, allowPrivateAddresses: false, allowedHosts: [] },
    });
  });

  it('reads what it is told', () => {
    const env = new Environment({
      REPLAY_DRIVE: 'false',
      REPLAY_FILE_DIRECTORY: '/data/replays',
      REPLAY_WEBHOOK_SECRET: '0123456789abcdef',
      REPLAY_WEBHOOK_ALLOW_PRIVATE: 'true',
      REPLAY_WEBHOOK_ALLOWED_HOSTS: 'Receiver.internal, 10.0.0.7',
    });
    expect(readReplays(env)).toEqual({
      drive: false,
      fileDirectory: '/data/replays',
      webhook: {
        secret: '0123456789abcdef',
        allowPrivateAddresses: true,
        allowedHosts: ['receiver.internal', '10.0.0.7'],
      },
    });
    expect(env.problems).toEqual([]);
  });

  it('names every problem, and no secret', () => {
    const env = new Environment({
      REPLAY_DRIVE: 'maybe',
      REPLAY_WEBHOOK_SECRET: 'short-secret',
      REPLAY_WEBHOOK_ALLOW_PRIVATE: 'yes',
      REPLAY_WEBHOOK_ALLOWED_HOSTS: 'https://receiver',
    });
    readReplays(env);
    expect(env.problems.map((problem) => problem.split(' ')[0]).sort()).toEqual([
      'REPLAY_DRIVE',
      'REPLAY_WEBHOOK_ALLOWED_HOSTS',
      'REPLAY_WEBHOOK_ALLOW_PRIVATE',
      'REPLAY_WEBHOOK_SECRET',
    ]);
    expect(env.problems.join()).not.toContain('short-secret');
  });
});

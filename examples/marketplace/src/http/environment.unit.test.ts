import { readSettings } from './environment.ts';

const own = { port: 3001, peer: { variable: 'VENDORS_URL', url: 'http://127.0.0.1:3002' } };

describe('the settings of a service', () => {
  it('have defaults for a developer', () => {
    expect(readSettings({}, own)).toEqual({
      host: '127.0.0.1',
      port: 3001,
      natsServers: ['nats://127.0.0.1:4222'],
      peerUrl: 'http://127.0.0.1:3002',
      mailUrl: undefined,
      logLevels: ['error', 'warn', 'log'],
    });
  });

  it('come from the environment', () => {
    const env = {
      HOST: '::1',
      PORT: '0',
      NATS_URL: 'a:1, b:2',
      VENDORS_URL: 'https://vendors/',
      MAIL_URL: 'http://mail/send',
      LOG_LEVEL: 'error',
    };
    expect(readSettings(env, own)).toEqual({
      host: '::1',
      port: 0,
      natsServers: ['a:1', 'b:2'],
      peerUrl: 'https://vendors',
      mailUrl: 'http://mail/send',
      logLevels: ['error'],
    });
  });

  it('are refused with everything that is wrong', () => {
    const env = { PORT: '70000', NATS_URL: 'a,,b', VENDORS_URL: 'vendors', MAIL_URL: 'ftp://mail', LOG_LEVEL: 'loud' };
    for (const name of Object.keys(env)) expect(() => readSettings(env, own)).toThrow(name);
  });
});

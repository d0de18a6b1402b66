import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from './config-error.ts';
import { readConfig } from './read-config.ts';

const problemsOf = (env: Record<string, string>): readonly string[] => {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
};

describe('the configuration', () => {
  it('has a default for everything, and takes an empty value for none', () => {
    const config = readConfig({});
    expect(config).toEqual({
      host: '127.0.0.1',
      port: 3000,
      natsUrls: ['nats://127.0.0.1:4222'],
      natsAccess: expect.any(Object),
      streamReplicas: undefined,
      topology: [],
      authMode: 'none',
      allowInsecure: false,
      allowedHosts: [],
      logLevel: 'info',
      bodyLimitBytes: 8 * 1024 * 1024,
      requestTimeoutMs: 10_000,
      shutdownTimeoutMs: 10_000,
      maxOpenStreams: 100,
      replays: {
        drive: true,
        fileDirectory: undefined,
        webhook: { secret: undefined, allowPrivateAddresses: false, allowedHosts: [] },
      },
      live: {
        allowedOrigins: [],
        maxClients: 1_000,
        maxFilters: 100,
        maxSubscriptions: 20,
        heartbeatMs: 15_000,
        bufferBytes: 262_144,
        stallTimeoutMs: 30_000,
        recordConnections: false,
      },
    });
    expect(readConfig({ PORT: '', HOST: ' ', NATS_URL: '', LOG_LEVEL: '', ALLOW_INSECURE: '' })).toEqual(config);
  });

  it('reads every variable', () => {
    const config = readConfig({
      HOST: '::1',
      PORT: '0',
      NATS_URL: 'nats://a:4222, b:4223',
      NATS_USER: 'u',
      NATS_PASSWORD: 'p',
      STREAM_REPLICAS: '3',
      STREAM_TOPOLOGY: '[{"stream":"ORDERS","aggregateTypes":["order","cart"]}]',
      ALLOWED_HOSTS: 'Gateway, events.example.org',
      LOG_LEVEL: 'debug',
      BODY_LIMIT_BYTES: '2048',
      REQUEST_TIMEOUT_MS: '500',
      SHUTDOWN_TIMEOUT_MS: '0',
      MAX_OPEN_STREAMS: '5',
      ALLOWED_ORIGINS: 'https://App.example.org, http://10.0.0.1:8080',
      MAX_LIVE_CLIENTS: '7',
      MAX_LIVE_FILTERS: '8',
      MAX_LIVE_SUBSCRIPTIONS: '9',
      LIVE_HEARTBEAT_MS: '1000',
      LIVE_BUFFER_BYTES: '4096',
      LIVE_STALL_TIMEOUT_MS: '2000',
      LIVE_RECORD_CONNECTIONS: 'true',
    });
    expect(config).toMatchObject({
      host: '::1',
      port: 0,
      natsUrls: ['nats://a:4222', 'b:4223'],
      natsAccess: { user: 'u', password: 'p' },
      streamReplicas: 3,
      topology: [{ stream: 'ORDERS', aggregateTypes: ['order', 'cart'] }],
      allowedHosts: ['gateway', 'events.example.org'],
      logLevel: 'debug',
      bodyLimitBytes: 2048,
      requestTimeoutMs: 500,
      shutdownTimeoutMs: 0,
      maxOpenStreams: 5,
      live: {
        allowedOrigins: ['https://app.example.org', 'http://10.0.0.1:8080'],
        maxClients: 7,
        maxFilters: 8,
        maxSubscriptions: 9,
        heartbeatMs: 1_000,
        bufferBytes: 4_096,
        stallTimeoutMs: 2_000,
        recordConnections: true,
      },
    });
  });

  it('is refused with all its problems at once', () => {
    const problems = problemsOf({ PORT: 'x', LOG_LEVEL: 'loud', STREAM_REPLICAS: '2', NATS_URL: 'http://x' });
    expect(problems.map((problem) => problem.split(' ')[0]).sort()).toEqual([
      'LOG_LEVEL',
      'NATS_URL',
      'PORT',
      'STREAM_REPLICAS',
    ]);
    expect(new ConfigError(problems).message.split('\n')).toHaveLength(5);
  });

  it.each([
    ['PORT', ['-1', '65536', '80.5', '1e3', 'http']],
    ['NATS_URL', ['http://a', 'nats://', '://', 'nats://a:99999']],
    ['STREAM_REPLICAS', ['0', '2', '4', 'three']],
    [
      'STREAM_TOPOLOGY',
      [
        '{',
        '{}',
        '[1]',
        '[{"stream":"A"}]',
        '[{"stream":"A","aggregateTypes":[]}]',
        '[{"stream":"A","aggregateTypes":["a"],"x":1}]',
      ],
    ],
    ['ALLOW_INSECURE', ['yes', '1', 'TRUE']],
    ['ALLOWED_HOSTS', ['http://a', 'a:80', 'a/b', '*', 'ü.example']],
    ['LOG_LEVEL', ['verbose', 'INFO']],
    ['BODY_LIMIT_BYTES', ['0', '1mb', '999999999999']],
    ['REQUEST_TIMEOUT_MS', ['0', '99', 'soon']],
    ['SHUTDOWN_TIMEOUT_MS', ['-1', 'x']],
    ['MAX_OPEN_STREAMS', ['0', 'x']],
    ['ALLOWED_ORIGINS', ['app.example.org', 'https://a/b', 'ftp://a', '*', 'null', 'https://a?b', 'https://u@a']],
    ['MAX_LIVE_CLIENTS', ['0', 'x']],
    ['MAX_LIVE_FILTERS', ['0']],
    ['MAX_LIVE_SUBSCRIPTIONS', ['0']],
    ['LIVE_HEARTBEAT_MS', ['1']],
    ['LIVE_BUFFER_BYTES', ['1']],
    ['LIVE_STALL_TIMEOUT_MS', ['1']],
    ['LIVE_RECORD_CONNECTIONS', ['yes']],
    ['AUTH_MODE', ['basic', 'NONE']],
    ['NATS_CREDENTIALS_FILE', ['/no/such/file']],
    ['NATS_TLS_CA_FILE', ['/no/such/file']],
    ['NATS_PASSWORD', ['alone']],
  ])('refuses a bad %s by its name', (name, values) => {
    for (const value of values) {
      expect({ value, problems: problemsOf({ [name]: value }) }).toEqual({
        value,
        problems: [expect.stringMatching(new RegExp(`^${name} `))],
      });
    }
  });

  it.each(['api-key', 'jwt'])('says of AUTH_MODE=%s that it is not available in this version', (mode) => {
    expect(problemsOf({ AUTH_MODE: mode })).toEqual([expect.stringContaining('not available in this version')]);
  });

  it.each(['0.0.0.0', '::', '192.168.1.1', 'gateway.example.org'])(
    'refuses to listen on %s without ALLOW_INSECURE=true',
    (host) => {
      expect(problemsOf({ HOST: host })).toEqual([expect.stringContaining('ALLOW_INSECURE=true')]);
      expect(problemsOf({ HOST: host, ALLOW_INSECURE: 'false' })).toHaveLength(1);
      expect(readConfig({ HOST: host, ALLOW_INSECURE: 'true' }).host).toBe(host);
    },
  );

  it.each(['127.0.0.1', '127.0.0.2', 'localhost', '::1'])('listens on %s without asking', (host) => {
    expect(readConfig({ HOST: host }).host).toBe(host);
  });

  it('takes one way to log in to NATS, and both halves of a certificate', () => {
    const directory = mkdtempSync(join(tmpdir(), 'annals-config-'));
    const file = join(directory, 'file');
    writeFileSync(file, '');
    try {
      expect(problemsOf({ NATS_TOKEN: 't', NATS_USER: 'u' })).toEqual([expect.stringMatching(/^NATS_USER /)]);
      expect(problemsOf({ NATS_CREDENTIALS_FILE: file, NATS_NKEY_SEED_FILE: file })).toHaveLength(1);
      expect(problemsOf({ NATS_TLS_CERT_FILE: file })).toEqual([expect.stringContaining('NATS_TLS_KEY_FILE')]);
      const config = readConfig({ NATS_CREDENTIALS_FILE: file, NATS_TLS_CERT_FILE: file, NATS_TLS_KEY_FILE: file });
      expect(config.natsAccess).toMatchObject({ credentialsFile: file, tlsCertFile: file, tlsKeyFile: file });
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

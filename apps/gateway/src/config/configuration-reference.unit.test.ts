import { readFileSync } from 'node:fs';
import { readConfig } from './read-config.ts';

const page = readFileSync(new URL('../../../../docs/reference/configuration.md', import.meta.url), 'utf8');
const source = ['./read-config.ts', './read-live-config.ts', './read-replay-config.ts']
  .map((file) => readFileSync(new URL(file, import.meta.url), 'utf8'))
  .join('\n');

describe('docs/reference/configuration.md', () => {
  const section = page.split(/^## /m).find((part) => part.startsWith('The gateway'))!;
  const rows = section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').map((cell) => cell.trim()));

  it('lists every variable that the gateway reads and no other', () => {
    const read = [...source.matchAll(/(?:env\.\w+\(|readPath\(env, )'([A-Z_]+)'/g)].map(([, name]) => name!);
    const listed = rows.flatMap(([, names]) => [...names!.matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name!));
    expect(listed.sort()).toEqual([...new Set(read)].sort());
  });

  it('tells the defaults that hold', () => {
    const defaults = Object.fromEntries(rows.map(([, names, value]) => [names!, value!.replaceAll('`', '')]));
    const config = readConfig({});
    expect({
      '`HOST`': config.host,
      '`PORT`': String(config.port),
      '`NATS_URL`': config.natsUrls.join(','),
      '`BODY_LIMIT_BYTES`': String(config.bodyLimitBytes),
      '`REQUEST_TIMEOUT_MS`': String(config.requestTimeoutMs),
      '`SHUTDOWN_TIMEOUT_MS`': String(config.shutdownTimeoutMs),
      '`MAX_OPEN_STREAMS`': String(config.maxOpenStreams),
      '`MAX_LIVE_CLIENTS`': String(config.live.maxClients),
      '`MAX_LIVE_FILTERS`': String(config.live.maxFilters),
      '`MAX_LIVE_SUBSCRIPTIONS`': String(config.live.maxSubscriptions),
      '`LIVE_HEARTBEAT_MS`': String(config.live.heartbeatMs),
      '`LIVE_BUFFER_BYTES`': String(config.live.bufferBytes),
      '`LIVE_STALL_TIMEOUT_MS`': String(config.live.stallTimeoutMs),
      '`LIVE_RECORD_CONNECTIONS`': String(config.live.recordConnections),
      '`REPLAY_DRIVE`': String(config.replays.drive),
      '`REPLAY_WEBHOOK_ALLOW_PRIVATE`': String(config.replays.webhook.allowPrivateAddresses),
      '`LOG_LEVEL`': config.logLevel,
      '`AUTH_MODE`': config.authMode,
      '`ALLOW_INSECURE`': String(config.allowInsecure),
    }).toEqual(
      Object.fromEntries(Object.entries(defaults).filter(([name, value]) => value !== '' && !name.includes(','))),
    );
  });
});

import { readFileSync } from 'node:fs';
import { readConfig } from './read-config.ts';

const page = readFileSync(new URL('../../../../docs/reference/configuration.md', import.meta.url), 'utf8');
const source = readFileSync(new URL('./read-config.ts', import.meta.url), 'utf8');

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
      '`LOG_LEVEL`': config.logLevel,
      '`AUTH_MODE`': config.authMode,
      '`ALLOW_INSECURE`': String(config.allowInsecure),
    }).toEqual(
      Object.fromEntries(Object.entries(defaults).filter(([name, value]) => value !== '' && !name.includes(','))),
    );
  });
});

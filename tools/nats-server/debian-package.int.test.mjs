import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../process/run-command.mjs';
import { writeFakeNatsServer } from './fake-nats-server.mjs';
import { provisionNatsServer } from './provision.mjs';
/** @import { CommandResult, RunCommand } from './index.mjs' */

const SOURCES = `Types: deb
URIs: http://archive.test/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
`;

/** @type {string} */
let directory;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'annals-debian-'));
  await mkdir(join(directory, 'apt', 'sources.list.d'), { recursive: true });
  await writeFile(join(directory, 'apt', 'sources.list.d', 'debian.sources'), SOURCES);
  await writeFile(join(directory, 'os-release'), 'NAME="Debian GNU/Linux"\nID=debian\n');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/**
 * Stands in for apt: suites and the version of nats-server in them; all other programs are run.
 * @param {Record<string, string>} versions
 * @param {string[]} suitesAsked
 * @param {(sources: string) => void} [onUpdate]
 * @returns {RunCommand}
 */
function aptWith(versions, suitesAsked, onUpdate = () => {}) {
  return async (command, args, options) => {
    if (command !== 'apt-get' && command !== 'apt-cache' && command !== 'dpkg-deb') {
      return runCommand(command, args, options);
    }
    const sourcesFile = args.find((arg) => arg.startsWith('Dir::Etc::sourcelist='))?.split('=')[1];
    const sources = sourcesFile ? await readFile(sourcesFile, 'utf8') : '';
    const suite = /^Suites: (.*)$/m.exec(sources)?.[1] ?? '';
    const version = versions[suite];
    if (args.includes('update')) {
      suitesAsked.push(suite);
      onUpdate(sources);
      return version === undefined
        ? failure(`E: The repository '${suite} Release' does not have a Release file.`)
        : success();
    }
    if (args.includes('policy')) return success(`nats-server:\n  Installed: (none)\n  Candidate: ${version}-1\n`);
    if (args.includes('download')) {
      await writeFile(join(String(options?.cwd), `nats-server_${version}-1_amd64.deb`), String(version));
      return success();
    }
    const debVersion = await readFile(String(args[1]), 'utf8');
    await writeFakeNatsServer(join(String(args[2]), 'usr', 'sbin', 'nats-server'), debVersion);
    return success();
  };
}

/** @returns {CommandResult} */
function success(stdout = '') {
  return { code: 0, stdout, stderr: '' };
}

/** @param {string} stderr */
function failure(stderr) {
  return { code: 100, stdout: '', stderr };
}

/** @param {RunCommand} run */
function provision(run) {
  return provisionNatsServer({
    env: { PATH: '' },
    cacheDir: join(directory, 'cache'),
    downloadUrl: 'http://127.0.0.1:1',
    platform: 'linux',
    osReleaseFile: join(directory, 'os-release'),
    aptRoot: join(directory, 'apt'),
    run,
  });
}

describe('the Debian package', () => {
  test('comes from the first newer suite that has a new enough one, through the configured archive and keyring', async () => {
    /** @type {string[]} */
    const suites = [];
    /** @type {string[]} */
    const sources = [];
    const found = await provision(aptWith({ forky: '2.12.1', sid: '2.15.1' }, suites, (text) => sources.push(text)));
    const path = join(directory, 'cache', 'nats-server', '2.15.1', 'nats-server');
    expect(found).toEqual({ path, version: '2.15.1', origin: 'debian' });
    expect(suites).toEqual(['trixie-backports', 'forky', 'sid']);
    expect(sources[0]).toContain('URIs: http://archive.test/debian\n');
    expect(sources[0]).toContain('Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n');
  });

  test('leaves nothing but the server in the cache', async () => {
    await provision(aptWith({ sid: '2.15.1' }, []));
    expect(await readdir(join(directory, 'cache'))).toEqual(['nats-server']);
  });

  test('is not there: the reasons of all suites are given', async () => {
    const attempt = provision(aptWith({ forky: '2.12.1' }, []));
    await expect(attempt).rejects.toThrow(
      /debian: trixie-backports: E: The repository .*; forky: nats-server 2\.12\.1 is too old; sid: E: The repository/,
    );
    expect(await readdir(join(directory, 'cache'))).toEqual([]);
  });

  test('that does not run on this system (a newer C library) is passed over', async () => {
    const apt = aptWith({ forky: '2.15.1', sid: '2.15.2' }, []);
    /** @type {RunCommand} */
    const run = async (command, args, options) => {
      const result = await apt(command, args, options);
      return args.includes('--version') && result.stdout.includes('2.15.1')
        ? failure('libc.so.6: version not found')
        : result;
    };
    expect(await provision(run)).toMatchObject({ version: '2.15.2' });
  });
});

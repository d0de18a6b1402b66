import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mainArchive, readAptSources, sourcesFileFor } from './apt-source.mjs';
import { storeInCache } from './cached-binary.mjs';
import { inspectBinary } from './inspect-binary.mjs';
import { compareVersions } from './version.mjs';
/** @import { CommandResult, ProvisionContext, WayOutcome } from './index.mjs' */

/** Newer suites of the same archive, the most stable first. */
const SUITES = ['trixie-backports', 'forky', 'sid'];

/**
 * Takes the package `nats-server` from a newer suite of the Debian archive that apt is configured with. The system
 * stays as it is: lists, state and the package live in a directory of ours, the package is unpacked and not installed.
 * apt itself checks the archive's signature with the configured keyring.
 * @param {ProvisionContext} context
 * @returns {Promise<WayOutcome>}
 */
export async function fetchDebianPackage(context) {
  if (!(await isDebian(context))) return { found: false, reason: 'this is no Debian system' };
  const source = mainArchive(await readAptSources(context.aptRoot));
  if (!source) return { found: false, reason: 'apt is configured with no archive' };
  await mkdir(context.cacheDir, { recursive: true });
  const reasons = [];
  for (const suite of SUITES) {
    const directory = await mkdtemp(join(context.cacheDir, 'apt-'));
    try {
      const outcome = await fetchFromSuite(context, directory, suite, sourcesFileFor(source, suite));
      if (outcome.found) return outcome;
      reasons.push(`${suite}: ${outcome.reason}`);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }
  return { found: false, reason: reasons.join('; ') };
}

/**
 * @param {ProvisionContext} context
 * @param {string} directory
 * @param {string} suite
 * @param {string} sourcesFile
 * @returns {Promise<WayOutcome>}
 */
async function fetchFromSuite(context, directory, suite, sourcesFile) {
  const apt = await prepareApt(directory, sourcesFile);
  const update = await context.run('apt-get', [...apt, 'update'], {
    timeoutMs: 120_000,
    env: { ...context.env, LC_ALL: 'C' },
  });
  if (update.code !== 0 || /^[EW]:/m.test(update.stderr)) return { found: false, reason: complaint(update) };

  const policy = await context.run('apt-cache', [...apt, 'policy', 'nats-server'], {
    env: { ...context.env, LC_ALL: 'C' },
  });
  const candidate = /Candidate:\s+(?:\d+:)?(\d+\.\d+\.\d+)/.exec(policy.stdout)?.[1];
  if (candidate === undefined) return { found: false, reason: 'no package nats-server' };
  if (compareVersions(candidate, context.minimumVersion) < 0)
    return { found: false, reason: `nats-server ${candidate} is too old` };

  context.log(`Fetching the Debian package nats-server ${candidate} (${suite})`);
  const fetched = await context.run('apt-get', [...apt, 'download', 'nats-server'], {
    cwd: directory,
    timeoutMs: 300_000,
    env: { ...context.env, LC_ALL: 'C' },
  });
  const packageFile = (await readdir(directory)).find((name) => name.endsWith('.deb'));
  if (fetched.code !== 0 || packageFile === undefined) return { found: false, reason: complaint(fetched) };
  const unpacked = join(directory, 'unpacked');
  const unpack = await context.run('dpkg-deb', ['-x', join(directory, packageFile), unpacked]);
  if (unpack.code !== 0) return { found: false, reason: complaint(unpack) };
  return keep(context, unpacked);
}

/**
 * @param {ProvisionContext} context
 * @param {string} unpacked
 * @returns {Promise<WayOutcome>}
 */
async function keep(context, unpacked) {
  for (const directory of ['usr/sbin', 'usr/bin']) {
    const path = join(unpacked, directory, 'nats-server');
    const content = await readFile(path).catch(() => undefined);
    if (content === undefined) continue;
    // Run it before it is kept: a package of a newer suite may need a newer C library than this system has.
    const outcome = await inspectBinary(path, context);
    return outcome.found ? { ...outcome, path: await storeInCache(context, outcome.version, content) } : outcome;
  }
  return { found: false, reason: 'the package holds no nats-server' };
}

/**
 * @param {string} directory
 * @param {string} sourcesFile
 * @returns {Promise<string[]>} the options that keep apt inside of this directory
 */
async function prepareApt(directory, sourcesFile) {
  await mkdir(join(directory, 'state', 'lists', 'partial'), { recursive: true });
  await mkdir(join(directory, 'cache', 'archives', 'partial'), { recursive: true });
  await writeFile(join(directory, 'annals.sources'), sourcesFile);
  await writeFile(join(directory, 'state', 'status'), '');
  const settings = {
    'Dir::Etc::sourcelist': join(directory, 'annals.sources'),
    'Dir::Etc::sourceparts': '-',
    'Dir::State': join(directory, 'state'),
    'Dir::State::lists': join(directory, 'state', 'lists'),
    'Dir::State::status': join(directory, 'state', 'status'),
    'Dir::Cache': join(directory, 'cache'),
    'Acquire::Languages': 'none',
    'Acquire::Retries': '0',
    'Acquire::http::Timeout': '10',
    'Acquire::https::Timeout': '10',
    // apt gives up its rights for the download, and its user _apt cannot write to a directory of ours.
    'APT::Sandbox::User': 'root',
  };
  return ['-q', ...Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])];
}

/** @param {ProvisionContext} context */
async function isDebian({ platform, osReleaseFile }) {
  if (platform !== 'linux') return false;
  return /^ID=["']?debian["']?\s*$/m.test(await readFile(osReleaseFile, 'utf8').catch(() => ''));
}

/** @param {CommandResult} result */
function complaint({ code, stdout, stderr }) {
  const lines = `${stderr}\n${stdout}`.split('\n').map((line) => line.trim());
  return (
    (lines.find((line) => /^E:/.test(line)) ??
      lines.find((line) => /^(W|Err):?/.test(line)) ??
      lines.find(Boolean) ??
      '') ||
    `exit code ${code}`
  );
}

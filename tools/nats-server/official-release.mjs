import { storeInCache } from './cached-binary.mjs';
import { download } from './download.mjs';
import { extractFromTar } from './extract-from-tar.mjs';
import { extractFromZip } from './extract-from-zip.mjs';
import { inspectBinary } from './inspect-binary.mjs';
import { DownloadFailed } from './provision-errors.mjs';
import { listedChecksum, verifyChecksum } from './verify-checksum.mjs';
/** @import { ProvisionContext, WayOutcome } from './index.mjs' */

export const OFFICIAL_DOWNLOAD_URL = 'https://github.com/nats-io/nats-server/releases/download';

/** Names that the release files use, by Node's names. */
const PLATFORMS = /** @type {Record<string, string>} */ ({
  linux: 'linux',
  darwin: 'darwin',
  win32: 'windows',
  freebsd: 'freebsd',
});
const ARCHITECTURES = /** @type {Record<string, string>} */ ({
  x64: 'amd64',
  arm64: 'arm64',
  ia32: '386',
  arm: 'arm7',
  s390x: 's390x',
  ppc64: 'ppc64le',
});

/**
 * Fetches the pinned release, verifies it against its SHA256SUMS and keeps it in the cache.
 * @param {ProvisionContext} context
 * @returns {Promise<WayOutcome>}
 * @throws {import('./provision-errors.mjs').ChecksumMismatch} a file that is not what its publisher lists ends the search
 */
export async function fetchOfficialRelease(context) {
  const name = releaseName(context);
  if (name === undefined)
    return { found: false, reason: `there is no release for ${context.platform} on ${context.arch}` };
  try {
    const base = `${context.downloadUrl.replace(/\/+$/, '')}/v${context.version}`;
    const options = { idleTimeoutMs: context.timeoutMs, fetch: context.fetch };
    const sums = (await download(`${base}/SHA256SUMS`, options)).toString('utf8');
    const file = [`${name}.tar.gz`, `${name}.zip`].find((candidate) => listedChecksum(candidate, sums) !== undefined);
    if (file === undefined) throw new DownloadFailed(`${base}/SHA256SUMS lists neither ${name}.tar.gz nor ${name}.zip`);
    context.log(`Fetching nats-server ${context.version} from ${base}/${file}`);
    const archive = await download(`${base}/${file}`, options);
    verifyChecksum(file, archive, sums);
    return await inspectBinary(await storeInCache(context, context.version, unpack(file, archive, context)), context);
  } catch (error) {
    if (error instanceof DownloadFailed) return { found: false, reason: error.message };
    throw error;
  }
}

/**
 * @param {string} file
 * @param {Buffer} archive
 * @param {ProvisionContext} context
 */
function unpack(file, archive, { platform }) {
  const binary = platform === 'win32' ? 'nats-server.exe' : 'nats-server';
  const content = file.endsWith('.zip') ? extractFromZip(archive, binary) : extractFromTar(archive, binary);
  if (content === undefined) throw new DownloadFailed(`${file} holds no ${binary}`);
  return content;
}

/**
 * @param {ProvisionContext} context
 * @returns {string | undefined}
 */
function releaseName({ platform, arch, version }) {
  const os = PLATFORMS[platform];
  const cpu = ARCHITECTURES[arch];
  return os && cpu ? `nats-server-v${version}-${os}-${cpu}` : undefined;
}

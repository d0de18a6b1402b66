import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * @typedef {object} AptSource
 * @property {string} uri the archive's address, as the system's administrator configured it
 * @property {readonly string[]} suites
 * @property {string | undefined} signedBy the keyring's path, or a key in the field itself
 */

/**
 * Reads the archives that apt is configured with, in both of its formats.
 * @param {string} [root] directory of apt's configuration
 * @returns {Promise<AptSource[]>}
 */
export async function readAptSources(root = '/etc/apt') {
  const parts = join(root, 'sources.list.d');
  const names = (await readdir(parts).catch(() => /** @type {string[]} */ ([]))).sort();
  const files = [join(root, 'sources.list'), ...names.map((name) => join(parts, name))];
  const sources = [];
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(() => '');
    if (file.endsWith('.sources')) sources.push(...parseDeb822(text));
    else if (file.endsWith('.list')) sources.push(...parseOneLine(text));
  }
  return sources;
}

/**
 * The archive that the base system came from; security archives hold no other suites.
 * @param {readonly AptSource[]} sources
 * @returns {AptSource | undefined}
 */
export function mainArchive(sources) {
  const isDebian = (/** @type {AptSource} */ source) => /\/debian\/?$/.test(source.uri);
  const isSecurity = (/** @type {AptSource} */ source) =>
    /security/.test(source.uri) || source.suites.every((suite) => /security/.test(suite));
  const candidates = sources.filter((source) => !isSecurity(source));
  return candidates.find(isDebian) ?? candidates[0];
}

/**
 * The text of a sources file for one suite of that archive.
 * @param {AptSource} source
 * @param {string} suite
 */
export function sourcesFileFor(source, suite) {
  const signedBy = source.signedBy === undefined ? [] : [`Signed-By: ${source.signedBy}`];
  return ['Types: deb', `URIs: ${source.uri}`, `Suites: ${suite}`, 'Components: main', ...signedBy, ''].join('\n');
}

/** @param {string} text */
function parseDeb822(text) {
  const withoutComments = text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n');
  return withoutComments.split(/\n\s*\n/).flatMap((stanza) => {
    const fields = new Map(
      [...stanza.matchAll(/^([\w-]+):((?:.*)(?:\n[ \t].*)*)/gm)].map(([, name, value]) => [
        name?.toLowerCase(),
        value?.trim(),
      ]),
    );
    const isUsed = fields.get('enabled') !== 'no' && fields.get('types')?.split(/\s+/).includes('deb');
    if (!isUsed) return [];
    const suites = fields.get('suites')?.split(/\s+/) ?? [];
    return (fields.get('uris')?.split(/\s+/) ?? []).map((uri) => ({ uri, suites, signedBy: fields.get('signed-by') }));
  });
}

/** @param {string} text */
function parseOneLine(text) {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)/.exec(line);
    if (!match) return [];
    const signedBy = /(?:^|\s)signed-by=(\S+)/.exec(match[1] ?? '')?.[1];
    return [{ uri: String(match[2]), suites: [String(match[3])], signedBy }];
  });
}

/** @import { SyncInterval } from './index.mjs' */

/**
 * The text of a nats-server configuration file.
 * @param {object} settings
 * @param {string} settings.name
 * @param {string} settings.host
 * @param {number} settings.port
 * @param {string} settings.storeDir
 * @param {SyncInterval} settings.syncInterval
 * @param {number | undefined} [settings.httpPort]
 * @param {number | undefined} [settings.maxFileStoreBytes]
 * @param {number | undefined} [settings.maxPayloadBytes]
 * @param {{ name: string, port: number, routes: readonly string[] } | undefined} [settings.cluster]
 * @param {string | undefined} [settings.extraConfig]
 * @returns {string}
 */
export function serverConfig({
  name,
  host,
  port,
  storeDir,
  syncInterval,
  httpPort,
  maxFileStoreBytes,
  maxPayloadBytes,
  cluster,
  extraConfig,
}) {
  const lines = [`server_name: ${quoted(name)}`, `listen: ${quoted(`${host}:${port}`)}`];
  if (httpPort !== undefined) lines.push(`http: ${quoted(`${host}:${httpPort}`)}`);
  if (maxPayloadBytes !== undefined) lines.push(`max_payload: ${maxPayloadBytes}`);
  lines.push('jetstream {', `  store_dir: ${quoted(storeDir)}`);
  if (syncInterval === 'always') lines.push('  sync_interval: always');
  if (maxFileStoreBytes !== undefined) lines.push(`  max_file_store: ${maxFileStoreBytes}`);
  lines.push('}');
  if (cluster) {
    lines.push('cluster {', `  name: ${quoted(cluster.name)}`, `  listen: ${quoted(`${host}:${cluster.port}`)}`);
    lines.push(`  routes: [${cluster.routes.map(quoted).join(', ')}]`, '}');
  }
  if (extraConfig) lines.push(extraConfig);
  return `${lines.join('\n')}\n`;
}

/** @param {string} text */
function quoted(text) {
  return JSON.stringify(text);
}

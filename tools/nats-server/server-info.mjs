import { connect } from 'node:net';

/**
 * The INFO line that a nats-server greets with, or undefined when nothing answers on that port in time.
 * @param {string} host
 * @param {number} port
 * @returns {Promise<{ server_name: string, version: string, jetstream?: boolean } | undefined>}
 */
export function readServerInfo(host, port) {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    let text = '';
    const finish = (/** @type {string | undefined} */ line) => {
      socket.destroy();
      resolve(line === undefined ? undefined : parseInfo(line));
    };
    socket.setTimeout(2_000, () => finish(undefined));
    socket.on('error', () => finish(undefined));
    socket.on('close', () => resolve(undefined));
    socket.on('data', (chunk) => {
      text += chunk.toString('utf8');
      const end = text.indexOf('\r\n');
      if (end !== -1) finish(text.slice(0, end));
    });
  });
}

/** @param {string} line */
function parseInfo(line) {
  try {
    return line.startsWith('INFO ') ? JSON.parse(line.slice(5)) : undefined;
  } catch {
    return undefined;
  }
}

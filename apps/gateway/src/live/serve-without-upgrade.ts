import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

/** Said for the sake of the upgrade only. */
const UPGRADE_HEADERS = new Set(['upgrade', 'http2-settings', 'connection']);

/**
 * Serves a request whose upgrade nobody here wants, as RFC 9110 (7.8) lets a server do. Node hands over every request with an
 * `Upgrade` header as soon as somebody listens for one, and some clients ask for HTTP/2 in each: their connection is given
 * back to the server with the request once more, without what asked for the upgrade.
 */
export function serveWithoutUpgrade(server: Server, request: IncomingMessage, socket: Duplex, rest: Buffer): void {
  const lines = [`${request.method} ${request.url} HTTP/${request.httpVersion}`];
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    const name = request.rawHeaders[i]!;
    if (!UPGRADE_HEADERS.has(name.toLowerCase())) lines.push(`${name}: ${request.rawHeaders[i + 1]}`);
  }
  if (/\bclose\b/i.test(request.headers.connection ?? '')) lines.push('connection: close');
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  socket.unshift(Buffer.concat([head, rest]));
  server.emit('connection', socket);
}

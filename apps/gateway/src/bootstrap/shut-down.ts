import type { Logger } from 'pino';
import type { StoreConnection } from '../store/store-connection.ts';
import type { Gateway } from './create-gateway.ts';

/**
 * Ends a gateway: nothing new is taken, what is in hand is finished, then the store is closed. What is not finished
 * after `timeoutMs` is cut.
 */
export async function shutDown(
  { app, readiness, live }: Gateway,
  connection: StoreConnection,
  timeoutMs: number,
  logger: Logger,
): Promise<void> {
  readiness.drain();
  const goodbyes = live.close(timeoutMs);
  const server = app.getHttpServer();
  const cut = setTimeout(() => {
    logger.warn({ timeoutMs }, 'requests were still in hand at the end of the time for shutting down, cutting them');
    server.closeAllConnections();
  }, timeoutMs);
  // Connections that wait for another request would keep the server open.
  const idle = setInterval(() => server.closeIdleConnections(), 100);
  try {
    await app.close();
  } finally {
    clearTimeout(cut);
    clearInterval(idle);
  }
  await goodbyes;
  await connection.close();
}

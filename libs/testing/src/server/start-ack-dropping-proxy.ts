import { once } from 'node:events';
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';

/** Stands between a client and a nats-server and loses what the server says, on demand. */
export interface AckDroppingProxy {
  /** Address to give to the client. */
  readonly url: string;
  /** From now on the server hears the client, and the client hears nothing. */
  dropReplies(): void;
  /** Ends all connections and lets replies through again: the client comes back by itself. */
  cut(): void;
  /** Ends all connections and takes no more. */
  stop(): Promise<void>;
}

/**
 * Starts a proxy on a free port of the loopback interface.
 *
 * @param serverPort port of the nats-server on loopback
 */
export async function startAckDroppingProxy(serverPort: number): Promise<AckDroppingProxy> {
  const sockets = new Set<Socket>();
  let dropping = false;
  const server = createServer((client) => {
    const upstream = connect(serverPort, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream);
    upstream.on('data', (bytes) => {
      if (!dropping) client.write(bytes);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
    dropping = false;
  };
  return {
    url: `nats://127.0.0.1:${(server.address() as AddressInfo).port}`,
    dropReplies: () => (dropping = true),
    cut,
    async stop() {
      server.close();
      cut();
      await once(server, 'close');
    },
  };
}

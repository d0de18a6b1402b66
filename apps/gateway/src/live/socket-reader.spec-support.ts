import { once } from 'node:events';
import type { ClientMessage, ServerMessage } from '@annals/contract';
import { eventually } from '@annals/testing';
import { WebSocket } from 'ws';

/** A message of one type. */
type Of<Type extends ServerMessage['type']> = Extract<ServerMessage, { type: Type }>;

/** A client of `/events/ws`. */
export class SocketReader {
  readonly received: ServerMessage[] = [];
  /** Known once it is closed. */
  closed: { code: number; reason: string } | undefined;
  pings = 0;

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data: Buffer) => this.received.push(JSON.parse(data.toString()) as ServerMessage));
    socket.on('ping', () => this.pings++);
    socket.on('close', (code, reason) => (this.closed = { code, reason: reason.toString() }));
    socket.on('error', () => {});
  }

  /** @throws what the client library says of an answer that is no upgrade */
  static async open(url: string, options: { headers?: Record<string, string>; autoPong?: boolean } = {}) {
    const socket = new WebSocket(url.replace('http', 'ws'), options);
    const reader = new SocketReader(socket);
    await once(socket, 'open');
    return reader;
  }

  /** What a socket that is not let in is answered. */
  static refusal(url: string, headers: Record<string, string> = {}): Promise<{ status: number; body: unknown }> {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(url.replace('http', 'ws'), { headers });
      socket.once('unexpected-response', (_request, response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.once('end', () => resolve({ status: response.statusCode!, body: JSON.parse(text) as unknown }));
      });
      socket.once('open', () => reject(new Error('it was let in')));
      socket.on('error', () => {});
    });
  }

  send(message: ClientMessage | string | Buffer): void {
    this.socket.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message));
  }

  of<Type extends ServerMessage['type']>(type: Type, id?: string): Of<Type>[] {
    return this.received.filter(
      (message): message is Of<Type> =>
        message.type === type && (id === undefined || ('id' in message && message.id === id)),
    );
  }

  /** The `n` of the data of a subscription's events. */
  numbers(id: string): number[] {
    return this.of('event', id).map(({ event }) => (event.data as { n: number }).n);
  }

  async until(id: string, count: number, deadlineMs?: number): Promise<number[]> {
    await eventually(() => this.of('event', id).length >= count, deadlineMs === undefined ? {} : { deadlineMs });
    return this.numbers(id);
  }

  /** Subscribes, and waits until it has caught up. */
  async subscribed(message: Omit<Extract<ClientMessage, { type: 'subscribe' }>, 'type'>): Promise<void> {
    this.send({ type: 'subscribe', ...message });
    await eventually(() => this.of('caught-up', message.id).length > 0);
  }

  close(): void {
    this.socket.terminate();
  }
}

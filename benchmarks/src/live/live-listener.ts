import { get } from 'node:http';
import { WebSocket } from 'ws';

/** Told of each event of a listener: its place in the log, as the gateway writes it. */
export type OnLiveEvent = (cursor: string) => void;

/** A client that listens to live events. */
export interface LiveListener {
  /** Rejected when the gateway ends it. */
  readonly ended: Promise<never>;
  close(): void;
}

const CAUGHT_UP = 'event: caught-up';
const SSE_ID = /(?:^|\n)id: ([^\n]+)/;
const SOCKET_CURSOR = /"cursor":"([^"]+)"/;
/** The cursor stands before the event. */
const HEAD_BYTES = 300;

/** Listens over server-sent events; resolves when it gets everything from then on. */
export function listenBySse(gatewayUrl: string, query: string, onEvent: OnLiveEvent): Promise<LiveListener> {
  return new Promise((resolve, reject) => {
    const request = get(`${gatewayUrl}/events/live?${query}`, { agent: false }, (response) => {
      if (response.statusCode !== 200) return reject(new Error(`GET /events/live answered ${response.statusCode}`));
      let fail: (error: Error) => void;
      const ended = new Promise<never>((_, rejectEnded) => (fail = rejectEnded));
      ended.catch(() => {});
      let rest = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        const messages = (rest + text).split('\n\n');
        rest = messages.pop()!;
        for (const message of messages) {
          if (message.startsWith(CAUGHT_UP)) resolve({ ended, close: () => request.destroy() });
          else if (message.includes('\ndata: ')) onEvent(SSE_ID.exec(message)![1]!);
        }
      });
      response.once('close', () => fail(new Error('the gateway ended a stream')));
    });
    request.on('error', reject);
  });
}

/** Listens over a WebSocket; resolves when it gets everything from then on. */
export function listenBySocket(gatewayUrl: string, filter: object, onEvent: OnLiveEvent): Promise<LiveListener> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${gatewayUrl.replace('http', 'ws')}/events/ws`, { perMessageDeflate: false });
    let fail: (error: Error) => void;
    const ended = new Promise<never>((_, rejectEnded) => (fail = rejectEnded));
    ended.catch(() => {});
    socket.once('open', () => socket.send(JSON.stringify({ type: 'subscribe', id: 's', filter })));
    socket.on('message', (data: Buffer) => {
      const head = data.toString('latin1', 0, HEAD_BYTES);
      if (head.startsWith('{"type":"event"')) onEvent(SOCKET_CURSOR.exec(head)![1]!);
      else if (head.startsWith('{"type":"caught-up"')) resolve({ ended, close: () => socket.terminate() });
      else if (!head.startsWith('{"type":"subscribed"')) reject(new Error(head));
    });
    socket.once('close', (code) => fail(new Error(`the gateway closed a socket (${code})`)));
    socket.on('error', reject);
  });
}

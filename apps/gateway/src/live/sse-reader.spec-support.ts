import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { EventBody } from '@annals/contract';
import { eventually } from '@annals/testing';

/** One message of a stream of server-sent events. */
export interface SseMessage {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: string;
}

/** Reads a stream of server-sent events as a client does that is not a browser. */
export class SseReader {
  readonly messages: SseMessage[] = [];
  heartbeats = 0;
  retryMs: number | undefined;
  /** As a browser would send it when it connects again. */
  lastEventId = '';
  ended = false;
  #rest = '';

  private constructor(
    private readonly sent: ClientRequest,
    readonly response: IncomingMessage,
  ) {
    response.setEncoding('utf8');
    response.on('data', (text: string) => this.#take(text));
    response.once('close', () => (this.ended = true));
    response.on('error', () => {});
  }

  static open(url: string, headers: Record<string, string> = {}): Promise<SseReader> {
    return new Promise((resolve, reject) => {
      const sent = request(url, { headers, agent: false });
      sent.once('response', (response) => resolve(new SseReader(sent, response)));
      sent.once('error', reject);
      sent.on('error', () => {});
      sent.end();
    });
  }

  /** The events of the store. */
  get events(): EventBody[] {
    return this.messages.filter(({ event }) => event === 'message').map(({ data }) => JSON.parse(data) as EventBody);
  }

  /** The `n` of each event's data. */
  get numbers(): number[] {
    return this.events.map(({ data }) => (data as { n: number }).n);
  }

  named(event: string): SseMessage | undefined {
    return this.messages.find((message) => message.event === event);
  }

  async until(count: number, deadlineMs?: number): Promise<number[]> {
    const options = deadlineMs === undefined ? {} : { deadlineMs };
    await eventually(() => this.messages.filter(({ event }) => event === 'message').length >= count, options);
    return this.numbers;
  }

  async caughtUp(): Promise<this> {
    await eventually(() => this.named('caught-up'));
    return this;
  }

  /** The body of an answer that is no stream. */
  async problem(): Promise<{ code: string; errors?: { path: string }[] }> {
    await eventually(() => this.ended);
    return JSON.parse(this.#rest) as { code: string };
  }

  close(): void {
    this.sent.destroy();
  }

  #take(text: string): void {
    const blocks = (this.#rest + text).split('\n\n');
    this.#rest = blocks.pop()!;
    for (const block of blocks) this.#takeBlock(block);
  }

  #takeBlock(block: string): void {
    let event = 'message';
    let id: string | undefined;
    let data: string | undefined;
    for (const line of block.split('\n')) {
      const colon = line.indexOf(':');
      const value = line.slice(colon + 1).replace(/^ /, '');
      const field = line.slice(0, colon);
      if (field === '') this.heartbeats++;
      else if (field === 'event') event = value;
      else if (field === 'id') id = value;
      else if (field === 'data') data = value;
      else if (field === 'retry') this.retryMs = Number(value);
    }
    if (id !== undefined) this.lastEventId = id;
    if (data !== undefined) this.messages.push({ event, id, data });
  }
}

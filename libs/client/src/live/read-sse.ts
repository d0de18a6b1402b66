/** One message of a stream of server-sent events, or a sign of life without content. */
export interface SseMessage {
  /** `message` where it has no name. */
  readonly event: string;
  /** Undefined where none came with it. */
  readonly id: string | undefined;
  /** Undefined for what carries no message: an id alone, a comment. */
  readonly data: string | undefined;
  /** How soon to connect again, in milliseconds. */
  readonly retryMs: number | undefined;
}

const LINE_END = /\r\n|\n|\r/;

/** Takes text in pieces and gives the messages in it (WHATWG HTML, 9.2.6). */
export class SseParser {
  #rest = '';
  #event = '';
  #id: string | undefined;
  #data: string[] | undefined;
  #retryMs: number | undefined;
  #hasFields = false;

  /** The messages that are complete with this piece. */
  *take(text: string): Generator<SseMessage> {
    this.#rest += text;
    // A \r at the end may be the first half of \r\n.
    const whole = this.#rest.endsWith('\r') ? this.#rest.slice(0, -1) : this.#rest;
    const lines = whole.split(LINE_END);
    this.#rest = lines.pop()! + this.#rest.slice(whole.length);
    for (const line of lines) {
      if (line !== '') this.#takeField(line);
      else if (this.#hasFields) yield this.#finish();
    }
  }

  #takeField(line: string): void {
    this.#hasFields = true;
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'event') this.#event = value;
    else if (name === 'data') (this.#data ??= []).push(value);
    else if (name === 'id' && !value.includes('\0')) this.#id = value;
    else if (name === 'retry' && /^\d{1,9}$/.test(value)) this.#retryMs = Number(value);
  }

  #finish(): SseMessage {
    const message = {
      event: this.#event === '' ? 'message' : this.#event,
      id: this.#id,
      data: this.#data?.join('\n'),
      retryMs: this.#retryMs,
    };
    this.#event = '';
    this.#id = this.#data = this.#retryMs = undefined;
    this.#hasFields = false;
    return message;
  }
}

/** The messages of an answer as they come; ends where the answer ends or breaks. Leaving early lets go of the connection. */
export async function* readSse(response: Response): AsyncGenerator<SseMessage, void, undefined> {
  if (response.body === null) return;
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  const parser = new SseParser();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield* parser.take(decoder.decode(value, { stream: true }));
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

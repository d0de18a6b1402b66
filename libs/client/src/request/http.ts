import { type Problem, isProblem } from '@annals/contract';
import { GatewayUnreachable, UnexpectedAnswer } from '../error/gateway-unreachable.ts';
import { ProblemError } from '../error/problem-error.ts';

/** What every request takes. */
export interface CallOptions {
  /** Ends the call with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** One request, before it is a URL. */
export interface HttpRequest extends CallOptions {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly query?: object | undefined;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined;
}

/** The part of `fetch` that is used; `globalThis.fetch` is one. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Characters of an unexpected answer that its error shows. */
const EXCERPT_CHARACTERS = 200;

/** Sends requests to one gateway and turns its failures into errors. */
export class Http {
  constructor(
    private readonly baseUrl: string,
    private readonly fetch: Fetch,
    private readonly headers: Readonly<Record<string, string>>,
  ) {}

  /** @throws ProblemError, GatewayUnreachable, UnexpectedAnswer, the signal's reason */
  async send(request: HttpRequest): Promise<Response> {
    const url = this.urlOf(request);
    const { method, body, signal } = request;
    let response: Response;
    try {
      response = await this.fetch(url, {
        method,
        headers: this.#headersOf(request),
        ...(body !== undefined && { body: JSON.stringify(body) }),
        ...(signal && { signal }),
      });
    } catch (cause) {
      signal?.throwIfAborted();
      throw new GatewayUnreachable(method, url, { cause });
    }
    if (response.ok || response.status === 304) return response;
    throw await failureOf(response, url);
  }

  /** The answer's body as JSON. @throws as {@link send} */
  async json<Body>(request: HttpRequest): Promise<{ readonly body: Body; readonly response: Response }> {
    const response = await this.send(request);
    const text = await readText(response, request, this.urlOf(request));
    const body = parse(text);
    if (body === undefined) throw unexpected(response, this.urlOf(request), text);
    return { body: body as Body, response };
  }

  /** The answer's body as JSON, of what needs nothing beside it. @throws as {@link send} */
  async body<Body>(request: HttpRequest): Promise<Body> {
    return (await this.json<Body>(request)).body;
  }

  urlOf({ path, query = {} }: HttpRequest): string {
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries(query) as [string, unknown][]) {
      if (value !== undefined) parameters.set(name, Array.isArray(value) ? value.join(',') : String(value));
    }
    const text = parameters.toString();
    return `${this.baseUrl}${path}${text === '' ? '' : `?${text}`}`;
  }

  #headersOf({ body, headers = {} }: HttpRequest): Record<string, string> {
    const own = { ...this.headers, ...(body !== undefined && { 'content-type': 'application/json' }) };
    for (const [name, value] of Object.entries(headers)) if (value !== undefined) own[name as 'content-type'] = value;
    return own;
  }
}

async function readText(response: Response, { method, signal }: HttpRequest, url: string): Promise<string> {
  try {
    return await response.text();
  } catch (cause) {
    signal?.throwIfAborted();
    throw new GatewayUnreachable(method, url, { cause });
  }
}

async function failureOf(response: Response, url: string): Promise<Error> {
  const text = await response.text().catch(() => '');
  const body = parse(text);
  if (!isProblem(body)) return unexpected(response, url, text);
  return new ProblemError(body satisfies Problem, retryAfterMs(response));
}

function unexpected(response: Response, url: string, text: string): UnexpectedAnswer {
  return new UnexpectedAnswer(response.status, url, text.slice(0, EXCERPT_CHARACTERS));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function retryAfterMs(response: Response): number | undefined {
  const seconds = response.headers.get('retry-after');
  return seconds !== null && /^\d+$/.test(seconds) ? Number(seconds) * 1_000 : undefined;
}

/** Where the two services are. */
export interface MarketplaceUrls {
  readonly users: string;
  readonly vendors: string;
}

/** A command over HTTP. */
export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Full URL. */
  readonly url: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Statuses that are right; any of 200 and 201 unless given. */
  readonly expect?: readonly number[];
}

/** What a service answered. */
export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Headers;
}

const TIMEOUT_MS = 30_000;

/**
 * Calls a service.
 *
 * @throws Error with request and answer when the status is not one of those expected
 */
export async function call({ method, url, body, headers = {}, expect = [200, 201] }: Call): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const text = await response.text();
  if (!expect.includes(response.status)) {
    throw new Error(`${method} ${url} answered ${response.status}, expected was ${expect.join(' or ')}: ${text}`);
  }
  return { status: response.status, body: JSON.parse(text) as Answer['body'], headers: response.headers };
}

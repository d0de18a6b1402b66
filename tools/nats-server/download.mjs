import { DownloadFailed } from './provision-errors.mjs';

/**
 * Fetches a file into memory. Gives up when nothing arrives for `idleTimeoutMs`, so that a machine without network
 * fails in seconds while a slow line may take its time.
 * @param {string} url
 * @param {{ idleTimeoutMs: number, fetch?: typeof globalThis.fetch }} options
 * @returns {Promise<Buffer>}
 * @throws {DownloadFailed}
 */
export async function download(url, { idleTimeoutMs, fetch = globalThis.fetch }) {
  const idle = new AbortController();
  const timer = setTimeout(() => idle.abort(new Error(`nothing arrived for ${idleTimeoutMs} ms`)), idleTimeoutMs);
  try {
    const response = await fetch(url, { signal: idle.signal, redirect: 'follow' });
    if (!response.ok || !response.body)
      throw new Error(`the server answered ${response.status} ${response.statusText}`.trim());
    /** @type {Uint8Array[]} */
    const chunks = [];
    for await (const chunk of response.body) {
      timer.refresh();
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } catch (error) {
    throw new DownloadFailed(`${url} could not be fetched: ${rootCause(error)}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/**
 * `fetch` hides the reason ("fetch failed") in its cause.
 * @param {unknown} error
 * @returns {string}
 */
function rootCause(error) {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? rootCause(error.cause) : error.message;
}

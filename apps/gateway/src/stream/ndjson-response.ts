import { NDJSON, type Problem } from '@annals/contract';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import { type Gzip, createGzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Lines are gathered up to this size: a write a line would cost more than the lines. */
const CHUNK_CHARACTERS = 32 * 1024;

/** Other encodings are not worth their time to a list that is read once. */
const ACCEPTS_GZIP = /(?:^|,)\s*gzip\s*(?:;\s*q=(?:1(?:\.0+)?|0?\.\d*[1-9]\d*))?\s*(?:,|$)/i;

/** What a stream needs beside its items. */
export interface StreamOptions<Item> {
  /** What a line says of an item. */
  readonly lineOf: (item: Item) => object;
  /** Ends the stream when the client takes nothing for this long, in milliseconds. */
  readonly stallTimeoutMs: number;
  /** What to tell the client of an error after the first items went out. */
  readonly problemOf: (error: unknown) => Problem;
  /** Told of such an error. */
  readonly onBrokenOff: (error: unknown) => void;
}

/** True when the request prefers NDJSON to JSON. */
export function wantsNdjson(accept: string | undefined): boolean {
  if (accept === undefined || !accept.toLowerCase().includes(NDJSON)) return false;
  const quality = new Map<string, number>();
  for (const range of accept.toLowerCase().split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
    const q = parameters.find((parameter) => parameter.startsWith('q='));
    quality.set(type, q === undefined ? 1 : Number(q.slice(2)) || 0);
  }
  const ndjson = quality.get(NDJSON) ?? 0;
  return ndjson > 0 && ndjson >= (quality.get('application/json') ?? 0);
}

/** Items whose first one was read already. */
export interface OpenedItems<Item> {
  readonly first: IteratorResult<Item>;
  readonly rest: AsyncIterator<Item>;
}

/** Reads the first item before anything is answered, so that what fails at once is an ordinary problem. */
export async function openItems<Item>(items: AsyncIterable<Item>): Promise<OpenedItems<Item>> {
  const rest = items[Symbol.asyncIterator]();
  return { first: await rest.next(), rest };
}

/**
 * Writes items as lines while they are read, no faster than the client takes them, in memory of one chunk. What fails
 * on the way ends the stream with a line `{"problem": …}` and a cut connection.
 *
 * @param abort called when nobody listens any more
 * @returns how many items were written
 */
export async function sendNdjson<Item>(
  { first, rest }: OpenedItems<Item>,
  request: FastifyRequest,
  reply: FastifyReply,
  abort: (reason: Error) => void,
  options: StreamOptions<Item>,
): Promise<number> {
  const sink = begin(request, reply);
  const onClose = (): void => abort(new Error('the client went away'));
  reply.raw.once('close', onClose);
  let count = 0;
  let chunk = '';
  try {
    const isHead = request.method === 'HEAD';
    for (let next = first; !next.done && !isHead; next = await rest.next()) {
      chunk += `${JSON.stringify(options.lineOf(next.value))}\n`;
      count++;
      if (chunk.length < CHUNK_CHARACTERS) continue;
      await write(sink, reply.raw, chunk, options.stallTimeoutMs);
      chunk = '';
    }
    reply.raw.off('close', onClose);
    sink.end(chunk);
    await rest.return?.();
  } catch (error) {
    await rest.return?.();
    if (reply.raw.destroyed) return count;
    options.onBrokenOff(error);
    await breakOff(sink, reply.raw, `${chunk}${JSON.stringify({ problem: options.problemOf(error) })}\n`);
  }
  return count;
}

function begin(request: FastifyRequest, reply: FastifyReply): Writable {
  const zipped = request.method !== 'HEAD' && ACCEPTS_GZIP.test(request.headers['accept-encoding']?.toString() ?? '');
  reply.header('content-type', `${NDJSON}; charset=utf-8`);
  reply.header('vary', 'accept, accept-encoding');
  if (zipped) reply.header('content-encoding', 'gzip');
  reply.hijack();
  // Nothing of it may be kept by a proxy for later: the list grows.
  reply.raw.writeHead(200, reply.getHeaders() as Record<string, string>);
  if (!zipped) return reply.raw;
  const gzip = createGzip();
  gzip.pipe(reply.raw);
  reply.raw.once('close', () => gzip.destroy());
  return gzip;
}

/** Waits until the client has room again, or is gone, or has taken nothing for too long. */
async function write(sink: Writable, response: ServerResponse, chunk: string, stallTimeoutMs: number): Promise<void> {
  if (response.destroyed) throw new Error('the client went away');
  if (sink.write(chunk)) return;
  const stalled = AbortSignal.timeout(stallTimeoutMs);
  const gone = new AbortController();
  const onClose = (): void => gone.abort(new Error('the client went away'));
  response.once('close', onClose);
  try {
    await once(sink, 'drain', { signal: AbortSignal.any([stalled, gone.signal]) });
  } catch (error) {
    response.destroy();
    throw error;
  } finally {
    response.off('close', onClose);
  }
}

/**
 * Writes the last lines, then cuts the connection. The cut is what counts: no client can take the list for whole then.
 * A client whose HTTP library drops what it has not handed out yet when a connection breaks misses the reason.
 */
async function breakOff(sink: Writable, response: ServerResponse, lastLines: string): Promise<void> {
  const gone = once(response, 'close');
  await Promise.race([gone, flushed(sink, lastLines)]);
  if (response.writableLength > 0) await Promise.race([gone, once(response, 'drain')]);
  response.destroy();
}

/** Resolves when the text has left the compressor, where there is one. */
function flushed(sink: Writable, text: string): Promise<void> {
  return new Promise((resolve) => {
    sink.write(text, () => {
      if ('flush' in sink && typeof sink.flush === 'function') (sink as Gzip).flush(() => resolve());
      else resolve();
    });
  });
}

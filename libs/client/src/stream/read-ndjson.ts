import { isBrokenOffLine } from '@annals/contract';
import { StreamBrokenOff } from '../error/gateway-unreachable.ts';
import { ProblemError } from '../error/problem-error.ts';

/**
 * The items of an NDJSON answer as they come. Leaving early lets go of the connection.
 *
 * @throws ProblemError where the gateway said why the stream broke off; StreamBrokenOff where it only broke
 */
export async function* readNdjson<Item>(
  response: Response,
  url: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Item, void, undefined> {
  if (response.body === null) return;
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      rest += decoder.decode(value, { stream: !done });
      const lines = rest.split('\n');
      rest = lines.pop()!;
      for (const line of lines) yield itemOf<Item>(line, url);
      if (!done) continue;
      // Every line ends in a line break, so what is left is half of one.
      if (rest !== '') throw new StreamBrokenOff(url);
      return;
    }
  } catch (error) {
    if (error instanceof ProblemError || error instanceof StreamBrokenOff) throw error;
    signal?.throwIfAborted();
    throw new StreamBrokenOff(url, { cause: error });
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function itemOf<Item>(line: string, url: string): Item {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new StreamBrokenOff(url, { cause });
  }
  if (isBrokenOffLine(value)) throw new ProblemError(value.problem);
  return value as Item;
}

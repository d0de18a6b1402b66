/** A curl command as the request that it makes. */
export interface CurlRequest {
  readonly command: string;
  readonly url: string;
  readonly init: RequestInit;
}

/** The curl commands in the `bash` blocks of a page, in order. */
export function curlLines(page: string): readonly CurlRequest[] {
  const blocks = [...page.matchAll(/```bash\n([^]*?)```/g)].map(([, block]) => block!);
  return blocks.flatMap((block) =>
    commandsOf(block)
      .filter(([name]) => name === 'curl')
      .map(requestOf),
  );
}

/** Splits a block into words as a shell does, as far as the guide's lines need it: quotes, and line ends outside of them. */
function commandsOf(block: string): readonly (readonly string[])[] {
  const commands: string[][] = [[]];
  for (const [text, single, double, plain] of block.matchAll(/'([^']*)'|"([^"]*)"|([^\s'"]+)|\n/g)) {
    if (text === '\n') commands.push([]);
    else commands.at(-1)!.push(single ?? double ?? plain!);
  }
  return commands;
}

function requestOf(words: readonly string[]): CurlRequest {
  const headers = new Headers();
  let method: string | undefined;
  let body: string | undefined;
  let url = '';
  for (let i = 1; i < words.length; i++) {
    const word = words[i]!;
    if (word === '-H') {
      const [, name, value] = /^([^:]+): (.*)$/.exec(words[++i]!)!;
      headers.set(name!, value!);
    } else if (word === '-X') method = words[++i]!;
    else if (word === '-d') body = words[++i]!;
    else if (/^-[siN]+$/.test(word)) continue;
    else if (/^http:/.test(word) && url === '') url = word;
    else throw new Error(`What does ${word} mean in: ${words.join(' ')}`);
  }
  method ??= body === undefined ? 'GET' : 'POST';
  return { command: words.join(' '), url, init: { method, headers, ...(body !== undefined && { body }) } };
}

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const SNIPPET = /(?:<!-- from: (\S+) -->\n\n)?```ts\n([^]*?)```/g;

/** Indents and doc comment stars tell where code stands, not what it is. */
const lines = (code: string) =>
  code
    .split('\n')
    .map((line) => line.replace(/^\s*(?:\* )?\s*/, ''))
    .join('\n');

describe.each([
  ['marketplace-example', 9],
  ['loading-sample-data', 2],
])('docs/guides/%s.md', (guide, count) => {
  it('shows code as it stands in the source', () => {
    const snippets = [...readFileSync(`${ROOT}docs/guides/${guide}.md`, 'utf8').matchAll(SNIPPET)];
    expect(snippets).toHaveLength(count);
    for (const [, file, code] of snippets) {
      expect(file).toBeDefined();
      expect(lines(readFileSync(`${ROOT}${file}`, 'utf8'))).toContain(lines(code!).trim());
    }
  });
});

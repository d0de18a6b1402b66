import { readFileSync } from 'node:fs';

const DOCS = new URL('../../../../docs/', import.meta.url);

/** A page of the documentation. @param path below `docs/` */
export function page(path: string): string {
  return readFileSync(new URL(path, DOCS), 'utf8');
}

/** The code of a test between `// #region name` and `// #endregion`, without its indent. */
export function regions(file: URL): Record<string, string> {
  const found: Record<string, string> = {};
  const source = readFileSync(file, 'utf8');
  for (const [, indent, name, code] of source.matchAll(/^( *)\/\/ #region (\S+)\n([^]*?)^ *\/\/ #endregion/gm)) {
    found[name!] = code!.replaceAll(new RegExp(`^${indent}`, 'gm'), '').trim();
  }
  return found;
}

/** The TypeScript of a page by the name in the comment above it; a block without one goes by its first line. */
export function snippets(markdown: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [, name, code] of markdown.matchAll(/(?:<!-- snippet: (\S+) -->\n\n)?```ts\n([^]*?)```/g)) {
    found[name ?? `unnamed: ${code!.split('\n')[0]}`] = code!.trim();
  }
  return found;
}

/** The only block of a language on a page. */
export function block(markdown: string, language: string, containing = ''): string {
  const blocks = [...markdown.matchAll(/^```(\w*)\n([^]*?)^```$/gm)].filter(([, of]) => of === language);
  const found = blocks.map(([, , code]) => code!).filter((code) => code.includes(containing));
  if (found.length !== 1)
    throw new Error(`${found.length} blocks of ${language || 'no language'} contain '${containing}'`);
  return found[0]!;
}

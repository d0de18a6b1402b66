import { readFileSync } from 'node:fs';

const DOCS = new URL('../../../../docs/guides/', import.meta.url);
const GUIDES = [
  'publishing-events',
  'reading-events',
  'rebuilding-state',
  'nestjs-microservices',
  'subscribing',
  'replaying',
  'modelling-aggregates',
  'evolving-events',
  'snapshots',
  'process-managers',
];

/** Code between `// #region name` and `// #endregion`, as a guide shows it: without indent, from the package's name. */
function regions(source: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, indent, name, code] of source.matchAll(/^( *)\/\/ #region (\S+)\n([^]*?)^ *\/\/ #endregion/gm)) {
    const shown = code!.replaceAll(new RegExp(`^${indent}`, 'gm'), '').replaceAll("'../index.ts'", "'@annals/events'");
    found.set(name!, shown.trim());
  }
  return found;
}

/** The TypeScript blocks of a guide by the name in the comment above them; blocks without one go by their first line. */
function snippets(guide: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, name, code] of guide.matchAll(/(?:<!-- snippet: (\S+) -->\n\n)?```ts\n([^]*?)```/g)) {
    found.set(name ?? `unnamed: ${code!.split('\n')[0]}`, code!.trim());
  }
  return found;
}

describe.each(GUIDES)('docs/guides/%s.md', (guide) => {
  it('shows code that its test runs, all of it and no other', () => {
    const shown = snippets(readFileSync(new URL(`${guide}.md`, DOCS), 'utf8'));
    const tested = regions(readFileSync(new URL(`./${guide}.unit.test.ts`, import.meta.url), 'utf8'));
    expect(tested.size).toBeGreaterThan(3);
    expect(Object.fromEntries(shown)).toEqual(Object.fromEntries(tested));
  });
});

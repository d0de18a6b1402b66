/** A table of markdown; text is to the left, figures are to the right. */
export function markdownTable(
  columns: readonly { readonly title: string; readonly figure?: boolean }[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [
    line(columns.map(({ title }) => title)),
    line(columns.map(({ figure }) => (figure ? '---:' : '---'))),
    ...rows.map(line),
  ].join('\n');
}

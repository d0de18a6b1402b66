/** What a read model has twice, or lacks. */
export function compareHandled(
  name: string,
  handled: readonly number[],
  expected: readonly number[],
): readonly string[] {
  const times = new Map<number, number>();
  for (const sequence of handled) times.set(sequence, (times.get(sequence) ?? 0) + 1);
  const twice = [...times].filter(([, count]) => count > 1).map(([sequence]) => sequence);
  const lacking = expected.filter((sequence) => !times.has(sequence));
  return [
    ...(twice.length > 0 ? [`${name}: applied twice: ${twice.slice(0, 10).join(', ')} (${twice.length})`] : []),
    ...(lacking.length > 0 ? [`${name}: skipped: ${lacking.slice(0, 10).join(', ')} (${lacking.length})`] : []),
  ];
}

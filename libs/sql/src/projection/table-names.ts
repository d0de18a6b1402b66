const PLAIN_NAME = /^[a-z_][a-z0-9_]{0,49}$/;

/** The table that holds one generation of what readers see under a plain name. */
export function generationTable(name: string, generation: number): string {
  return `${name}_g${generation}`;
}

/** @throws Error for what is no name on both dialects without quotes */
export function checkTableName(name: string): string {
  if (typeof name === 'string' && PLAIN_NAME.test(name)) return name;
  throw new Error(
    `${JSON.stringify(name)} cannot name a table: give 1 to 50 of a-z, 0-9 and _, not beginning with a digit`,
  );
}

/** Reads variables of one environment and collects what is wrong with them. An empty value counts as none. */
export class Environment {
  readonly #problems: string[] = [];

  constructor(private readonly variables: Readonly<Record<string, string | undefined>>) {}

  get problems(): readonly string[] {
    return this.#problems;
  }

  refuse(name: string, problem: string): void {
    this.#problems.push(`${name} ${problem}`);
  }

  text(name: string): string | undefined {
    const value = this.variables[name]?.trim();
    return value === '' ? undefined : value;
  }

  list(name: string): readonly string[] {
    const parts = this.text(name)?.split(',') ?? [];
    return parts.map((part) => part.trim()).filter((part) => part !== '');
  }

  integer(name: string, fallback: number, min: number, max: number): number {
    const value = this.text(name);
    if (value === undefined) return fallback;
    const number = Number(value);
    if (/^\d+$/.test(value) && Number.isSafeInteger(number) && number >= min && number <= max) return number;
    this.refuse(name, `must be a whole number from ${min} to ${max}, found ${JSON.stringify(value)}`);
    return fallback;
  }

  choice<Choice extends string>(name: string, choices: readonly Choice[], fallback: Choice): Choice {
    const value = this.text(name);
    if (value === undefined) return fallback;
    const found = choices.find((choice) => choice === value);
    if (found !== undefined) return found;
    this.refuse(name, `must be one of ${choices.join(', ')}, found ${JSON.stringify(value)}`);
    return fallback;
  }

  flag(name: string): boolean {
    return this.choice(name, ['true', 'false'], 'false') === 'true';
  }
}

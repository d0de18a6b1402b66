/** Which methods each path takes, so that a wrong method is told from an unknown path. */
export class RouteTable {
  readonly #methods = new Map<string, Set<string>>();
  readonly #patterns = new Map<string, RegExp>();

  /** Takes one route of Fastify; those with a wildcard are left out, they are files. */
  add(url: string, methods: string | readonly string[]): void {
    if (url.includes('*')) return;
    const known = this.#methods.get(url) ?? new Set<string>();
    for (const method of [methods].flat()) known.add(method);
    this.#methods.set(url, known);
    this.#patterns.set(url, patternOf(url));
  }

  /** The methods of a path, sorted; empty for an unknown path. */
  methodsOf(path: string): readonly string[] {
    for (const [url, pattern] of this.#patterns) {
      if (pattern.test(path)) return [...this.#methods.get(url)!].sort();
    }
    return [];
  }
}

function patternOf(url: string): RegExp {
  const segments = url.split('/').map((segment) => (segment.startsWith(':') ? '[^/]+' : escaped(segment)));
  return new RegExp(`^${segments.join('/')}$`);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

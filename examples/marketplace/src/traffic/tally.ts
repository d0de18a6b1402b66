/** What the traffic saw, in words for the person who watches. */
export class Tally {
  private readonly counts = new Map<string, number>();

  add(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  get(what: string): number {
    return this.counts.get(what) ?? 0;
  }

  entries(): readonly (readonly [what: string, count: number])[] {
    return [...this.counts];
  }
}

/** Things that are due at a time, the earliest first. */
export class TimerQueue<T> {
  /** A binary heap. */
  private readonly entries: { readonly atMs: number; readonly item: T }[] = [];

  /** When the first is due; undefined when there is none. */
  get nextMs(): number | undefined {
    return this.entries[0]?.atMs;
  }

  add(atMs: number, item: T): void {
    const { entries } = this;
    entries.push({ atMs, item });
    let i = entries.length - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (entries[parent]!.atMs <= entries[i]!.atMs) break;
      this.swap(i, parent);
      i = parent;
    }
  }

  /** Takes out all that are due. */
  due(nowMs: number): T[] {
    const due: T[] = [];
    while (this.entries.length > 0 && this.entries[0]!.atMs <= nowMs) due.push(this.take());
    return due;
  }

  private take(): T {
    const { entries } = this;
    this.swap(0, entries.length - 1);
    const { item } = entries.pop()!;
    let i = 0;
    for (;;) {
      const [left, right] = [2 * i + 1, 2 * i + 2];
      let least = i;
      if (left < entries.length && entries[left]!.atMs < entries[least]!.atMs) least = left;
      if (right < entries.length && entries[right]!.atMs < entries[least]!.atMs) least = right;
      if (least === i) return item;
      this.swap(i, least);
      i = least;
    }
  }

  private swap(i: number, j: number): void {
    const { entries } = this;
    [entries[i], entries[j]] = [entries[j]!, entries[i]!];
  }
}

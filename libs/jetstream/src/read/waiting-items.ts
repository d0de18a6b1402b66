/** Items that came and wait to be taken in chunks, by one reader. */
export class WaitingItems<T> {
  private items: T[] = [];
  private size = 0;
  private failure: Error | undefined;
  private ended = false;
  private wake: (() => void) | undefined;

  get count(): number {
    return this.items.length;
  }

  get bytes(): number {
    return this.size;
  }

  /** Nobody is told yet: see {@link announce}. */
  add(item: T, bytes: number): void {
    this.items.push(item);
    this.size += bytes;
  }

  /** Lets a waiting reader look again. */
  announce(): void {
    const { wake } = this;
    this.wake = undefined;
    wake?.();
  }

  /** What is here is the last; with a failure, that follows. */
  end(failure?: Error): void {
    this.failure ??= failure;
    this.ended = true;
    this.announce();
  }

  /** Drops what waits. */
  clear(): void {
    this.items = [];
    this.size = 0;
  }

  /**
   * All that waits, or what comes next; undefined at the end.
   *
   * @param onEmpty called before waiting
   * @throws the failure, behind the last item
   */
  async take(onEmpty?: () => void): Promise<readonly T[] | undefined> {
    for (;;) {
      if (this.items.length > 0) {
        const chunk = this.items;
        this.clear();
        return chunk;
      }
      if (this.failure) throw this.failure;
      if (this.ended) return undefined;
      onEmpty?.();
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}

/** A queue whose first item goes in constant time: `Array.shift` moves all the others once there are many. */
export class Fifo<T> {
  private items: T[] = [];
  private head = 0;

  get length(): number {
    return this.items.length - this.head;
  }

  get first(): T | undefined {
    return this.items[this.head];
  }

  push(item: T): void {
    this.items.push(item);
  }

  shift(): T | undefined {
    const { first } = this;
    if (this.head < this.items.length) this.items[this.head++] = undefined as T;
    if (this.head === this.items.length || this.head > 1_000) {
      this.items = this.head === this.items.length ? [] : this.compacted();
      this.head = 0;
    }
    return first;
  }

  /** Removes every item that is meant, from the one at `from` on. */
  remove(isMeant: (item: T) => boolean, from = 0): void {
    const items = this.compacted();
    this.items = items.filter((item, i) => i < from || !isMeant(item));
    this.head = 0;
  }

  private compacted(): T[] {
    return this.items.slice(this.head);
  }

  *[Symbol.iterator](): Iterator<T> {
    for (let i = this.head; i < this.items.length; i++) yield this.items[i]!;
  }
}

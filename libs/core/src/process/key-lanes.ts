/** Runs tasks one after the other within a key, side by side otherwise. */
export class KeyLanes {
  private readonly tails = new Map<string, Promise<void>>();

  /** Never rejects by itself: a task settles its own failures. */
  run(key: string, task: () => Promise<void>): Promise<void> {
    const done = (this.tails.get(key) ?? Promise.resolve()).then(task);
    const tail = done
      .catch(() => {})
      .then(() => {
        if (this.tails.get(key) === tail) this.tails.delete(key);
      });
    this.tails.set(key, tail);
    return done;
  }

  async idle(): Promise<void> {
    while (this.tails.size > 0) await Promise.all(this.tails.values());
  }
}

/** Keeps account of pull requests: the server serves them one after the other, oldest first. */
export class PullLedger {
  private readonly open: number[] = [];
  private left = 0;

  /** Messages that are still to come. */
  get expected(): number {
    return this.left;
  }

  /** Pulls that are not served yet. */
  get pulls(): number {
    return this.open.length;
  }

  pulled(messages: number): void {
    this.open.push(messages);
    this.left += messages;
  }

  received(): void {
    if (this.open.length === 0) return;
    this.left--;
    if (--this.open[0]! === 0) this.open.shift();
  }

  /** The oldest pull ended before all of its messages came. */
  ended(): void {
    this.left -= this.open.shift() ?? 0;
  }
}

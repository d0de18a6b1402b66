import type { HttpProblem } from '../problem/http-problem.ts';

/** The way to a client, as its protocol has it. */
export interface Outlet {
  /** Bytes that the process keeps for the client: the operating system takes no more at the moment. */
  readonly keptBytes: number;
  write(bytes: Buffer): void;
}

/** How much may be kept for a client, and for how long. */
export interface ChannelLimits {
  readonly bufferBytes: number;
  readonly stallTimeoutMs: number;
}

/**
 * What goes to one client, and how well it goes. Nothing is refused: whoever gives asks whether it is full before, so what is
 * kept is bounded by the limit and one event.
 */
export class ClientChannel {
  #sentBytes = 0;
  /** The most that was ever taken by the operating system, by the same count as sent. */
  #takenBytes = 0;
  #tookAtMs: number;
  #sentAtMs: number;
  #waiting: { resolve(): void; reject(error: Error): void }[] = [];
  #closed: Error | undefined;

  constructor(
    private readonly outlet: Outlet,
    private readonly limits: ChannelLimits,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#tookAtMs = this.#sentAtMs = now();
  }

  /** When something was sent last, by the channel's clock. */
  get sentAtMs(): number {
    return this.#sentAtMs;
  }

  get isFull(): boolean {
    return this.outlet.keptBytes > this.limits.bufferBytes;
  }

  send(bytes: Buffer): void {
    if (this.#closed) return;
    this.#sentBytes += bytes.length;
    this.#sentAtMs = this.now();
    this.outlet.write(bytes);
  }

  /** Resolves when it is no longer full. @throws what it was closed with */
  async drained(): Promise<void> {
    if (this.#closed) throw this.#closed;
    if (!this.isFull) return;
    await new Promise<void>((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** To be called when the operating system has taken what was kept. */
  onDrained(): void {
    if (this.isFull) return;
    for (const { resolve } of this.#waiting.splice(0)) resolve();
  }

  /** True when something is kept, and nothing of it was taken for too long. To be asked from time to time. */
  isStalled(): boolean {
    const kept = this.outlet.keptBytes;
    const taken = this.#sentBytes - kept;
    if (kept === 0 || taken > this.#takenBytes) {
      this.#takenBytes = Math.max(taken, this.#takenBytes);
      this.#tookAtMs = this.now();
      this.onDrained();
    }
    return this.now() - this.#tookAtMs > this.limits.stallTimeoutMs;
  }

  close(error: Error | HttpProblem): void {
    if (this.#closed) return;
    this.#closed = error;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}

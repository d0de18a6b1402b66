/** Quantiles of what operations took, in milliseconds. */
export interface LatencySummary {
  readonly operations: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

const FIRST_CAPACITY = 4_096;

/** Keeps every latency (8 bytes each), so that quantiles are exact. */
export class Latencies {
  private values = new Float64Array(FIRST_CAPACITY);
  private used = 0;

  get operations(): number {
    return this.used;
  }

  add(ms: number): void {
    if (this.used === this.values.length) {
      const larger = new Float64Array(this.values.length * 2);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.used++] = ms;
  }

  summary(): LatencySummary {
    const sorted = this.values.slice(0, this.used).sort();
    const at = (quantile: number) => sorted[Math.max(0, Math.ceil(quantile * sorted.length) - 1)] ?? 0;
    return { operations: this.used, p50: at(0.5), p99: at(0.99), max: at(1) };
  }
}

/** What a writer tells before and after every append; what it told before it was killed is what the oracle holds it to. */
export type JournalEntry =
  | { readonly kind: 'intent'; readonly append: string; readonly parts: readonly JournalPart[] }
  | { readonly kind: 'acked'; readonly append: string; readonly parts: readonly JournalAck[] }
  | { readonly kind: 'refused'; readonly append: string; readonly code: string }
  | { readonly kind: 'unknown'; readonly append: string }
  | { readonly kind: 'failed'; readonly append: string; readonly code: string; readonly message: string };

/** The events of one aggregate in an append. */
export interface JournalPart {
  readonly aggregate: string;
  readonly expectedVersion: number | 'any';
  readonly messageIds: readonly string[];
}

/** Where an acknowledged part is said to be. */
export interface JournalAck {
  readonly aggregate: string;
  readonly messageIds: readonly string[];
  readonly firstVersion: number;
}

/** What became of one append, as far as its writer told. */
export interface JournaledAppend {
  readonly parts: readonly JournalPart[];
  readonly acks: readonly JournalAck[] | undefined;
  /** True when the writer was told for certain that nothing was written. */
  readonly refused: boolean;
}

/** All appends of all writers by their name. */
export class Journal {
  readonly appends = new Map<string, JournaledAppend>();
  readonly counts = { acked: 0, refused: 0, unknown: 0, failed: 0 };
  /** Failures by code, with the last message of each. */
  readonly failures = new Map<string, { times: number; message: string }>();

  record(entry: JournalEntry): void {
    if (entry.kind === 'intent') {
      // A repeated append keeps its name, so an earlier answer stays.
      if (!this.appends.has(entry.append)) {
        this.appends.set(entry.append, { parts: entry.parts, acks: undefined, refused: false });
      }
      return;
    }
    const known = this.appends.get(entry.append)!;
    this.counts[entry.kind]++;
    if (entry.kind === 'acked') this.appends.set(entry.append, { ...known, acks: entry.parts, refused: false });
    if (entry.kind === 'refused') this.appends.set(entry.append, { ...known, refused: true });
    if (entry.kind === 'failed') {
      const times = (this.failures.get(entry.code)?.times ?? 0) + 1;
      this.failures.set(entry.code, { times, message: entry.message });
    }
  }
}

import type { JournalPart } from './journal.ts';

/** What a writer process is told by its first argument, as JSON. */
export interface WriterOptions {
  readonly servers: readonly string[];
  readonly replicas: number;
  /** Distinguishes the process; a process that takes a killed one's place has a name of its own. */
  readonly name: string;
  /** Concurrent writers in the process. */
  readonly writers: number;
  /** Aggregates that all processes write to. */
  readonly sharedAggregates: number;
  /** Appends of a killed process whose outcome nobody knows: they are repeated first, with the same ids. */
  readonly orphans: readonly OrphanAppend[];
}

/** An append that a killed writer left open. */
export interface OrphanAppend {
  readonly append: string;
  readonly parts: readonly JournalPart[];
}

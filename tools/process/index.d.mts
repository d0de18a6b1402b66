/** Something that watches over a process. */
export interface OrphanGuard {
  /** To be called as soon as the process is gone, before its id can be used again. */
  readonly release: () => void;
}

/**
 * Stops a process (SIGTERM) when this one ends, in whatever way, also by SIGKILL. Where there is no shell it covers an
 * ordinary exit only.
 */
export function guardAgainstOrphan(pid: number): OrphanGuard;

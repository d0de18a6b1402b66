/** A scan's consumer is gone, silent or out of step; what was handed over is good, a new consumer goes on after it. */
export class ScanInterrupted extends Error {
  constructor(reason: string, options?: { cause?: unknown }) {
    super(`the scan was interrupted: ${reason}`, options);
    this.name = 'ScanInterrupted';
  }
}

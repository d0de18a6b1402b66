import type { ClientMessage, ClientOrder } from './client-messages.ts';
import { runJob } from './run-job.ts';

/** The program of a client process: one job, then it ends. Without its parent it ends at once. */
process.on('disconnect', () => process.exit(1));

let go: () => void = () => {};
const mayGo = new Promise<void>((resolve) => (go = resolve));

process.on('message', (order: ClientOrder) => {
  if (order.kind === 'go') return go();
  void runJob(order.job, { send, go: () => mayGo }).then(
    () => end({ kind: 'done' }, 0),
    (error: unknown) => end({ kind: 'failed', message: describe(error) }, 1),
  );
});

send({ kind: 'started' });

function send(message: ClientMessage): void {
  process.send?.(message);
}

/** Ends only when the message is on its way, and with it all that were sent before. */
function end(message: ClientMessage, code: number): void {
  process.send?.(message, () => process.exit(code));
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

import { appendFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { HandlingProcess, type TestSubscription } from './handling-process.spec-support.ts';

/** What a child process is to do. */
export interface ChildOrders {
  readonly servers: string;
  readonly subscription: TestSubscription;
  /** It writes a line for whatever it handles, at once: what it did before it was killed is known. */
  readonly journal: string;
  readonly name: string;
  /** Milliseconds that handling an event takes. */
  readonly workMs: number;
  /** The number of an event that ends the process. */
  readonly poison?: number;
}

const orders = JSON.parse(process.argv[2]!) as ChildOrders;
const tell = (entry: object): void =>
  appendFileSync(orders.journal, `${JSON.stringify({ by: orders.name, atMs: Date.now(), ...entry })}\n`);

const handling = await HandlingProcess.open(orders.servers);
const active = await handling.subscribe(orders.subscription, async (event, context) => {
  const { n } = event.data as { n: number };
  const about = { id: event.aggregateId, n, attempt: context.attempt };
  tell({ did: 'begin', ...about });
  if (n === orders.poison) process.kill(process.pid, 'SIGKILL');
  if (orders.workMs > 0) await pause(orders.workMs);
  tell({ did: 'end', ...about });
});
tell({ did: 'start' });

process.on('SIGTERM', () => {
  void active.stop().then(async () => {
    tell({ did: 'stop', counts: active.counts });
    await handling.close();
    process.exit(0);
  });
});
process.on('disconnect', () => process.exit(1));

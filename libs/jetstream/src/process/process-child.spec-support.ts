import { appendFileSync } from 'node:fs';
import { type CommandContext, defineProcess } from '@annals/core';
import { openJetStreamStore } from '../store/open-jetstream-store.ts';

/** What a child process is to do. */
export interface ProcessOrders {
  readonly servers: string;
  readonly process: string;
  /** Whose events it handles. */
  readonly tenantId: string;
  /** It writes a line for every command, at once: what it did before it was killed is known. */
  readonly journal: string;
  /** Where it ends itself: on the way to an effect, while it commands, or never. */
  readonly dies: 'before-append' | 'after-append' | 'in-command' | 'never';
  /** Milliseconds from the start of an instance to its timeout. */
  readonly timeoutMs: number;
}

/** Of each event it emits one, then commands; a timer ends the instance. */
export const trials = (name: string, forTenant: string, timeoutMs: number) =>
  defineProcess<{ readonly placed: number }>({
    name,
    startsOn: ['order.placed'],
    reactsTo: ['order.changed'],
    correlate: ({ tenantId, aggregateId, data }) =>
      tenantId === forTenant ? ((data as { order?: string }).order ?? aggregateId) : undefined,
    initialState: { placed: 0 },
    commands: ['tell'],
    handle: ({ placed }, input, { key, isStart }) => {
      const aggregate = { type: 'bill', id: key };
      if (input.type === 'timeout') {
        return { emit: { aggregate, events: { type: 'bill.closed', data: { placed } } }, end: 'closed' };
      }
      if (input.type === 'failure') return undefined;
      const n = placed + 1;
      return {
        state: { placed: n },
        emit: { aggregate, events: { type: 'bill.line', data: { n } } },
        commands: { name: 'tell', data: { n } },
        ...(isStart && { schedule: { name: 'close', afterMs: timeoutMs } }),
      };
    },
  });

if (process.argv[2]?.startsWith('{')) await run(JSON.parse(process.argv[2]) as ProcessOrders);

async function run(orders: ProcessOrders): Promise<void> {
  const store = await openJetStreamStore({ servers: orders.servers });
  const die = (): void => void process.kill(process.pid, 'SIGKILL');
  let emitted = 0;
  // Between what is decided and what is done lies an append through the store.
  const append = store.appendAll.bind(store);
  const definition = {
    ...trials(orders.process, orders.tenantId, orders.timeoutMs),
    checkEmitted: async (part: Parameters<typeof append>[0][number]) => {
      const mine = ++emitted;
      if (mine === 3 && orders.dies === 'after-append') await append([part]);
      if (mine === 3 && (orders.dies === 'before-append' || orders.dies === 'after-append')) die();
      return part;
    },
  };
  let told = 0;
  await store.processes.run(definition, {
    from: 'beginning',
    commands: {
      tell: ({ n }: { n: number }, { key, idempotencyId }: CommandContext) => {
        appendFileSync(orders.journal, `${JSON.stringify({ key, n, id: idempotencyId })}\n`);
        if (++told === 3 && orders.dies === 'in-command') die();
      },
    },
  });
  process.on('SIGTERM', () => void store.close().then(() => process.exit(0)));
  process.on('disconnect', () => process.exit(1));
}

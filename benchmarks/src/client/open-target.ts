import { openStore } from '../annals/open-annals.ts';
import { openContender } from '../contender/open-contender.ts';
import { openSubscriber } from '../subscribe/open-subscriber.ts';
import type { Target } from '../task/run-task.ts';
import type { Job } from './client-messages.ts';

/** What is measured, connected. */
export interface OpenTarget {
  readonly target: Target;
  close(): Promise<void>;
}

/** Connects what a task works on. */
export async function openTarget({ contender, place, task }: Extract<Job, { kind: 'measure' }>): Promise<OpenTarget> {
  if (contender === 'gateway') {
    const { gatewayUrl } = place;
    if (gatewayUrl === undefined) throw new TypeError('there is no gateway to measure');
    return { target: { gatewayUrl }, close: async () => {} };
  }
  if (contender === 'memory') return { target: { memory: true }, close: async () => {} };
  if (contender !== 'stream') {
    const opened = await openContender(contender, place);
    return { target: { contender: opened }, close: () => opened.close() };
  }
  if (task.kind === 'subscribe') {
    const subscriber = await openSubscriber(task.by, place);
    return { target: { subscriber }, close: () => subscriber.close() };
  }
  const store = await openStore(place);
  return { target: { store }, close: () => store.close() };
}

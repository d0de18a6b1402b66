import type {
  EventStore,
  Process,
  ProcessInstance,
  RecordedEvent,
  RunProcessOptions,
  RunningProcess,
} from '@annals/core';
import { isAnnalsError } from '@annals/core';
import { eventually } from '../../wait/eventually.ts';
import { ContractContext, collect } from '../contract-context.ts';
import type { Counted } from './order-process.ts';

const QUICK = { backoffMs: [10], maxAttempts: 3 };

/** What the tests of processes share. */
export class ProcessContext extends ContractContext {
  #running: RunningProcess[] = [];
  tenantId = '';
  name = '';

  /** Names that no other test has. */
  begin(): void {
    this.tenantId = this.unique('tenant');
    this.name = this.unique('process').slice(0, 60);
  }

  async stopAll(): Promise<void> {
    await Promise.all(this.#running.splice(0).map((running) => running.stop()));
  }

  async run<State>(
    process: Process<State>,
    options: RunProcessOptions = {},
    store: EventStore = this.store,
  ): Promise<RunningProcess> {
    const commands = { do: () => undefined, undo: () => undefined, ...options.commands };
    const running = await store.processes.run(process, { ...QUICK, ...options, commands });
    this.#running.push(running);
    return running;
  }

  /** Appends an event for an instance to an aggregate of its own, unless it names one. */
  async happen(
    type: string,
    data: { readonly key?: string; readonly n?: number },
    id = this.unique('a'),
  ): Promise<void> {
    await this.store.append({ type: type.split('.')[0]!, id, tenantId: this.tenantId }, { type, data });
  }

  /** Waits until the instance is as wanted. */
  async when(
    key: string,
    is: (instance: ProcessInstance) => boolean,
    store: EventStore = this.store,
  ): Promise<ProcessInstance> {
    let last: ProcessInstance | undefined;
    await eventually(async () => {
      last = await this.find(key, store);
      if (last !== undefined && is(last)) return true;
      throw new Error(`instance ${key} is ${JSON.stringify(last)}`);
    });
    return last!;
  }

  async find(key: string, store: EventStore = this.store): Promise<ProcessInstance | undefined> {
    try {
      return await store.processes.instance(this.name, key, { tenantId: this.tenantId });
    } catch (error) {
      if (isAnnalsError(error) && error.code === 'process-instance-not-found') return undefined;
      throw error;
    }
  }

  /** Events of one type in the test's tenant. */
  async events(type: string): Promise<RecordedEvent[]> {
    return collect(this.store.readAll({ tenantId: this.tenantId, eventTypes: [type] }));
  }
}

export function seenBy(instance: ProcessInstance): readonly unknown[] {
  return (instance.data as Counted).seen;
}

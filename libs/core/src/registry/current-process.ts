import type { RecordedEvent } from '../event/event-message.ts';
import type { Process } from '../process/define-process.ts';
import type { Processes } from '../process/processes.ts';
import { checkDeclared } from './check-declared.ts';
import type { EventRegistry } from './event-registry.ts';

/** A process of stored events that decides upon current ones, and whose events are checked before they are appended. */
export function currentProcess<State>(registry: EventRegistry, process: Process<State>): Process<State> {
  return {
    ...process,
    read: async (stored) => {
      if (!registry.isSealed) await registry.whenSealed();
      const current = registry.current(stored);
      return Array.isArray(current) ? (current as readonly RecordedEvent[]) : [current as RecordedEvent];
    },
    checkEmitted: async (part) => (await checkDeclared(registry, [part]))[0]!,
  };
}

/** Processes whose events are as they are today. */
export function currentProcesses(inner: () => Processes, registry: EventRegistry): Processes {
  return {
    run: (process, options) => inner().run(currentProcess(registry, process), options),
    list: () => inner().list(),
    get: (name) => inner().get(name),
    instances: (name, selection, page) => inner().instances(name, selection, page),
    instance: (name, key, options) => inner().instance(name, key, options),
    end: (name, key, options) => inner().end(name, key, options),
  };
}

import { type Process, type ProcessDecision, type ProcessInput, defineProcess } from '@annals/core';

/** What tests let a process decide, by the type of the event or `timeout <name>` and `failure <name>`. */
export type Script = Readonly<
  Record<string, (input: ProcessInput, state: Counted, key: string) => ProcessDecision<Counted> | undefined>
>;

/** What has come, in its order. */
export interface Counted {
  readonly seen: readonly unknown[];
}

/** A process that remembers what it saw, and does what a script says. Its key is `data.key` of the event. */
export function scripted(name: string, script: Script, more: Partial<Process<Counted>> = {}): Process<Counted> {
  return defineProcess<Counted>({
    name,
    startsOn: ['order.placed'],
    reactsTo: ['order.changed', 'stock.>'],
    correlate: (event) => (event.data as { key?: string }).key,
    initialState: { seen: [] },
    commands: ['do', 'undo'],
    handle: (before, input, { key }) => {
      const mark = input.type === 'event' ? ((input.event.data as { n?: number }).n ?? input.event.type) : input.name;
      const state = { seen: [...before.seen, mark] };
      const about = input.type === 'event' ? input.event.type : `${input.type} ${input.name}`;
      const decided = script[about]?.(input, state, key);
      if (input.type === 'failure' && !decided) return undefined;
      return { state, ...decided };
    },
    ...more,
  });
}

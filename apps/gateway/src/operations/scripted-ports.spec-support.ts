import type { DeadLetters, EventStore, Projections, ReplayJobs, Subscriptions } from '@annals/core';
import { createInMemoryStore } from '@annals/testing';
import { withMethods } from '../store/replaced-methods.spec-support.ts';

/** One call of a port. */
export interface PortCall {
  readonly method: string;
  readonly args: readonly unknown[];
}

/** What the methods of a port do, as far as a test needs them. */
export type PortScript<Port> = { [Method in keyof Port]?: (...args: never[]) => unknown };

/** A store whose operational ports do what they are told, and what they were asked. */
export interface ScriptedPorts {
  readonly store: EventStore;
  readonly calls: PortCall[];
}

export function scriptedPorts(script: {
  readonly subscriptions?: PortScript<Subscriptions>;
  readonly deadLetters?: PortScript<DeadLetters>;
  readonly replays?: PortScript<ReplayJobs>;
  readonly projections?: PortScript<Projections>;
}): ScriptedPorts {
  const calls: PortCall[] = [];
  const port = <Port>(methods: PortScript<Port> = {}): Port =>
    Object.fromEntries(
      Object.entries(methods as Record<string, (...args: unknown[]) => unknown>).map(([method, act]) => [
        method,
        async (...args: unknown[]) => {
          calls.push({ method, args });
          return act(...args);
        },
      ]),
    ) as Port;
  const store = withMethods(createInMemoryStore(), {
    subscriptions: port(script.subscriptions),
    deadLetters: port(script.deadLetters),
    replays: port(script.replays),
    projections: port<Projections>({ list: () => [], ...script.projections }),
  });
  return { store, calls };
}

import { randomUUID } from 'node:crypto';
import { type EventStore, type ReplayJob, isReplayOver } from '@annals/core';
import { type TestNatsServer, eventually } from '@annals/testing';
import { type NatsConnection, connect } from '@nats-io/transport-node';
import { type JetStreamStoreOptions, type ReplayOptions, openJetStreamStore } from '../index.ts';

/** Opens stores on a server and closes them after a test. */
export class ReplayStores {
  private readonly opened: EventStore[] = [];

  constructor(private readonly server: () => TestNatsServer) {}

  async open(replays: ReplayOptions, options: JetStreamStoreOptions = {}): Promise<EventStore> {
    const store = await openJetStreamStore({ servers: this.server().url, replays, ...options });
    this.opened.push(store);
    return store;
  }

  async close(): Promise<void> {
    await Promise.all(this.opened.splice(0).map((store) => store.close()));
  }
}

/** Appends numbered events to one aggregate of a tenant that no other test has. */
export async function fill(store: EventStore, count: number, tenantId = randomUUID()): Promise<string> {
  for (let from = 1; from <= count; from += 1_000) {
    const size = Math.min(1_000, count - from + 1);
    const events = Array.from({ length: size }, (_, i) => ({ type: 'step.done', data: { n: from + i } }));
    await store.append({ type: 'walk', id: '1', tenantId }, events, { expectedVersion: from - 1 });
  }
  return tenantId;
}

/** Waits until a job is completed, cancelled or failed. */
export function untilOver(store: EventStore, id: string): Promise<ReplayJob> {
  return eventually(
    async () => {
      const job = await store.replays.get(id);
      return isReplayOver(job.state) && job;
    },
    { deadlineMs: 20_000 },
  );
}

interface Body {
  readonly data: { readonly n: number };
  readonly metadata: { readonly replayId: string };
}

/** Hears what is published on a subject, with a connection of its own. */
export class Listener {
  readonly bodies: Body[] = [];
  private readonly headers: string[] = [];

  private constructor(private readonly nc: NatsConnection) {}

  static async start(servers: string, subject: string): Promise<Listener> {
    const listener = new Listener(await connect({ servers }));
    listener.nc.subscribe(subject, {
      callback: (_, msg) => {
        listener.bodies.push(msg.json());
        listener.headers.push(msg.headers?.get('Annals-Replay-Id') ?? '');
      },
    });
    await listener.nc.flush();
    return listener;
  }

  numbers(): number[] {
    return this.bodies.map(({ data }) => data.n);
  }

  replayIds(): Set<string> {
    return new Set([...this.headers, ...this.bodies.map(({ metadata }) => metadata.replayId)]);
  }

  async stop(): Promise<void> {
    await this.nc.close();
  }
}

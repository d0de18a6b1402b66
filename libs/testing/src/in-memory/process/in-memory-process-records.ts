import type {
  FoundInstance,
  InstanceRef,
  KeptInstance,
  Position,
  ProcessRecords,
  ProcessTurn,
  PublishedProcess,
} from '@annals/core';

interface Kept {
  readonly process: string;
  readonly ref: InstanceRef;
  readonly json: string;
  readonly revision: number;
  /** When it goes away: milliseconds; undefined while something may come of it. */
  readonly untilMs?: number;
}

/** What is known of process managers, in this process. */
export class InMemoryProcessRecords implements ProcessRecords {
  readonly #instances = new Map<string, Kept>();
  readonly #checkpoints = new Map<string, readonly Position[]>();
  readonly #published = new Map<string, string>();
  readonly #turns = new Map<string, AbortController>();
  #revision = 0;

  constructor(private readonly nowMs: () => number) {}

  async takeTurn(process: string): Promise<ProcessTurn | undefined> {
    if (this.#turns.has(process)) return undefined;
    const lost = new AbortController();
    this.#turns.set(process, lost);
    const isHeld = (): boolean => this.#turns.get(process) === lost;
    return {
      get isHeld() {
        return isHeld();
      },
      lost: lost.signal,
      release: async () => {
        if (isHeld()) this.#turns.delete(process);
      },
    };
  }

  async isRun(process: string): Promise<boolean> {
    return this.#turns.has(process);
  }

  async begin(process: string, checkpoint: readonly Position[]): Promise<void> {
    if (!this.#checkpoints.has(process)) this.#checkpoints.set(process, checkpoint);
  }

  async checkpoint(process: string): Promise<readonly Position[] | undefined> {
    return this.#checkpoints.get(process);
  }

  async saveCheckpoint(process: string, checkpoint: readonly Position[]): Promise<void> {
    this.#checkpoints.set(process, checkpoint);
  }

  async publish(published: PublishedProcess): Promise<void> {
    this.#published.set(published.name, JSON.stringify(published));
  }

  async published(process: string): Promise<PublishedProcess | undefined> {
    const json = this.#published.get(process);
    return json === undefined ? undefined : (JSON.parse(json) as PublishedProcess);
  }

  async names(): Promise<readonly string[]> {
    return [...this.#published.keys()].sort();
  }

  async find(process: string, ref: InstanceRef): Promise<FoundInstance | undefined> {
    const kept = this.#kept(placeOf(process, ref));
    return kept && { instance: JSON.parse(kept.json) as KeptInstance, revision: kept.revision };
  }

  async put(process: string, instance: KeptInstance, revision: number): Promise<boolean> {
    const place = placeOf(process, instance);
    if ((this.#kept(place)?.revision ?? 0) !== revision) return false;
    this.#write(process, instance);
    return true;
  }

  async archive(process: string, instance: KeptInstance): Promise<void> {
    if (this.#kept(placeOf(process, instance))?.untilMs !== undefined) return;
    this.#write(process, instance, this.nowMs() + instance.keepMs);
  }

  async active(process: string): Promise<readonly InstanceRef[]> {
    const all = [...this.#instances.values()];
    return all.filter((kept) => kept.process === process && kept.untilMs === undefined).map(({ ref }) => ref);
  }

  async *list(process: string, after: string | undefined): ReturnType<ProcessRecords['list']> {
    for (const place of [...this.#instances.keys()].sort()) {
      const kept = this.#kept(place);
      if (kept?.process !== process || (after !== undefined && place <= after)) continue;
      yield { place, ref: kept.ref };
    }
  }

  #write(process: string, instance: KeptInstance, untilMs?: number): void {
    const { tenantId, key } = instance;
    this.#instances.set(placeOf(process, instance), {
      process,
      ref: { tenantId, key },
      json: JSON.stringify(instance),
      revision: ++this.#revision,
      ...(untilMs !== undefined && { untilMs }),
    });
  }

  #kept(place: string): Kept | undefined {
    const kept = this.#instances.get(place);
    if (kept?.untilMs === undefined || kept.untilMs > this.nowMs()) return kept;
    this.#instances.delete(place);
    return undefined;
  }
}

function placeOf(process: string, { tenantId, key }: InstanceRef): string {
  return JSON.stringify([process, tenantId, key]);
}

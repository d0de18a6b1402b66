import {
  type Checkpoint,
  CheckpointMoved,
  type DocumentContext,
  DocumentChanges,
  type DocumentSink,
  type Generation,
  type ReadModel,
  checkDocumentKey,
  sameCheckpoint,
} from '@annals/core';

interface Kept {
  readonly number: number;
  readonly version: number;
  checkpoint: Checkpoint;
  readonly documents: Map<string, string>;
}

interface Model {
  last: number;
  live: number;
  readonly generations: Map<number, Kept>;
}

/** Documents in this process: for tests of projections. */
export function createInMemoryDocuments(): InMemoryDocuments {
  return new InMemoryDocuments();
}

/** See {@link createInMemoryDocuments}. */
export class InMemoryDocuments implements DocumentSink {
  readonly #models = new Map<string, Model>();

  async generations(name: string): Promise<readonly Generation[]> {
    const model = this.#model(name);
    return [...model.generations.values()].map((kept) => generationOf(model, kept));
  }

  async begin(name: string, version: number): Promise<Generation> {
    const model = this.#model(name);
    const kept = { number: ++model.last, version, checkpoint: [], documents: new Map<string, string>() };
    if (model.generations.size === 0) model.live = kept.number;
    model.generations.set(kept.number, kept);
    return generationOf(model, kept);
  }

  async commit(
    name: string,
    generation: number,
    from: Checkpoint,
    to: Checkpoint,
    work: (context: DocumentContext) => Promise<void>,
  ): Promise<void> {
    const find = (): Kept => {
      const kept = this.#model(name).generations.get(generation);
      if (!kept || !sameCheckpoint(kept.checkpoint, from)) throw new CheckpointMoved(name, generation);
      return kept;
    };
    const { documents } = find();
    const changes = new DocumentChanges(async (key) => documents.get(key));
    await work(changes);
    const kept = find();
    for (const [key, json] of changes.changed) {
      if (json === undefined) kept.documents.delete(key);
      else kept.documents.set(key, json);
    }
    kept.checkpoint = to;
  }

  async promote(name: string, generation: number): Promise<void> {
    const model = this.#model(name);
    model.live = generation;
    for (const number of [...model.generations.keys()]) if (number !== generation) model.generations.delete(number);
  }

  async drop(name: string, generation: number): Promise<void> {
    this.#model(name).generations.delete(generation);
  }

  readModel<T = unknown>(name: string): ReadModel<T> {
    return {
      get: async (key) => {
        checkDocumentKey(key);
        const json = this.#live(name)?.documents.get(key);
        return json === undefined ? undefined : (JSON.parse(json) as T);
      },
    };
  }

  /** All documents of the generation in use, by key. */
  all(name: string): Record<string, unknown> {
    const documents = [...(this.#live(name)?.documents ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(documents.map(([key, json]) => [key, JSON.parse(json) as unknown]));
  }

  #live(name: string): Kept | undefined {
    const model = this.#model(name);
    return model.generations.get(model.live);
  }

  #model(name: string): Model {
    let model = this.#models.get(name);
    if (!model) this.#models.set(name, (model = { last: 0, live: 0, generations: new Map() }));
    return model;
  }
}

function generationOf({ live }: Model, { number, version, checkpoint }: Kept): Generation {
  return { number, version, live: number === live, checkpoint };
}

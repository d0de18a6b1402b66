import { type Checkpoint, sameCheckpoint } from './checkpoint.ts';
import { CheckpointMoved, type Generation, type ProjectionSink } from './projection-sink.ts';

/** A store of one's own that keeps, beside the read model, a few short texts: how far it is. */
export interface OwnStore<Context> {
  /** The text that was kept last under a key, or undefined. */
  read(key: string): Promise<string | undefined>;
  /**
   * Runs `work`, then keeps `value`: both or neither, where the store can. Where it cannot, what `work` writes has to be
   * idempotent by the events' positions, since it is run again after a crash between the two.
   *
   * @param expected what the key holds now: when it holds something else, nothing may be kept
   * @param work absent where only the text changes
   * @returns false when the key held something else
   */
  keep(
    key: string,
    expected: string | undefined,
    value: string,
    work?: { readonly generation: number; readonly run: (context: Context) => Promise<void> },
  ): Promise<boolean>;
  /** Removes what a generation wrote. */
  clear(name: string, generation: number): Promise<void>;
}

interface Catalogue {
  readonly last: number;
  readonly live: number;
  readonly generations: readonly { readonly number: number; readonly version: number }[];
}

const MAX_TRIES = 20;
const NOTHING: Catalogue = { last: 0, live: 0, generations: [] };

/**
 * A sink over a store of one's own: a search engine, a cache, files.
 *
 * Readers ask {@link liveGenerationIn} which generation is in use.
 */
export function customSink<Context>(store: OwnStore<Context>): ProjectionSink<Context> {
  return new CustomSink(store);
}

/** The generation that readers of a custom sink use; undefined before the projection was run. */
export async function liveGenerationIn(
  store: Pick<OwnStore<never>, 'read'>,
  name: string,
): Promise<number | undefined> {
  const text = await store.read(catalogueKey(name));
  return text === undefined ? undefined : (JSON.parse(text) as Catalogue).live;
}

class CustomSink<Context> implements ProjectionSink<Context> {
  constructor(private readonly store: OwnStore<Context>) {}

  async generations(name: string): Promise<readonly Generation[]> {
    const { generations, live } = await this.catalogue(name);
    const found = await Promise.all(
      generations.map(async ({ number, version }) => {
        const checkpoint = JSON.parse((await this.store.read(checkpointKey(name, number))) || '[]') as Checkpoint;
        return { number, version, live: number === live, checkpoint };
      }),
    );
    return found;
  }

  async begin(name: string, version: number): Promise<Generation> {
    const { last, live } = await this.change(name, ({ last, live, generations }) => ({
      last: last + 1,
      live: generations.length === 0 ? last + 1 : live,
      generations: [...generations, { number: last + 1, version }],
    }));
    return { number: last, version, live: live === last, checkpoint: [] };
  }

  async commit(
    name: string,
    generation: number,
    from: Checkpoint,
    to: Checkpoint,
    work: (context: Context) => Promise<void>,
  ): Promise<void> {
    const { generations } = await this.catalogue(name);
    const key = checkpointKey(name, generation);
    const kept = await this.store.read(key);
    const isThere = generations.some(({ number }) => number === generation);
    if (!isThere || !sameCheckpoint(JSON.parse(kept || '[]') as Checkpoint, from)) {
      throw new CheckpointMoved(name, generation);
    }
    const isKept = await this.store.keep(key, kept, JSON.stringify(to), { generation, run: work });
    if (!isKept) throw new CheckpointMoved(name, generation);
  }

  async promote(name: string, generation: number): Promise<void> {
    const { generations } = await this.catalogue(name);
    await this.change(name, (catalogue) => ({ ...catalogue, live: generation }));
    for (const { number } of generations) if (number !== generation) await this.drop(name, number);
  }

  async drop(name: string, generation: number): Promise<void> {
    const { generations } = await this.catalogue(name);
    if (!generations.some(({ number }) => number === generation)) return;
    await this.store.clear(name, generation);
    await this.change(name, (catalogue) => ({
      ...catalogue,
      generations: catalogue.generations.filter(({ number }) => number !== generation),
    }));
  }

  private async catalogue(name: string): Promise<Catalogue> {
    const text = await this.store.read(catalogueKey(name));
    return text === undefined ? NOTHING : (JSON.parse(text) as Catalogue);
  }

  private async change(name: string, change: (catalogue: Catalogue) => Catalogue): Promise<Catalogue> {
    const key = catalogueKey(name);
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const text = await this.store.read(key);
      const changed = change(text === undefined ? NOTHING : (JSON.parse(text) as Catalogue));
      if (await this.store.keep(key, text, JSON.stringify(changed))) return changed;
    }
    throw new Error(`the generations of projection ${name} are being changed by others all the time`);
  }
}

function catalogueKey(name: string): string {
  return `projection.${name}`;
}

function checkpointKey(name: string, generation: number): string {
  return `projection.${name}.g${generation}`;
}

import { describeProjectionSink } from '@annals/testing/contract';
import { customSink, liveGenerationIn, type OwnStore } from './custom-sink.ts';

type Add = (key: string, n: number) => void;

/** A store that keeps its texts and what is written together. */
class TextStore implements OwnStore<Add> {
  readonly texts = new Map<string, string>();
  readonly lists = new Map<string, number[]>();
  private queue: Promise<unknown> = Promise.resolve();

  async read(key: string): Promise<string | undefined> {
    return this.texts.get(key);
  }

  keep(...[key, expected, value, work]: Parameters<OwnStore<Add>['keep']>): Promise<boolean> {
    const kept = this.queue.then(async () => {
      if (this.texts.get(key) !== expected) return false;
      const added: [string, number][] = [];
      await work?.run((list, n) => void added.push([`${key}:${list}`, n]));
      for (const [list, n] of added) this.lists.set(list, [...(this.lists.get(list) ?? []), n]);
      this.texts.set(key, value);
      return true;
    });
    this.queue = kept.catch(() => undefined);
    return kept;
  }

  async clear(name: string, generation: number): Promise<void> {
    for (const key of this.lists.keys())
      if (key.startsWith(`projection.${name}.g${generation}:`)) this.lists.delete(key);
  }
}

const stores = new Map<string, TextStore>();

describeProjectionSink<Add>('A store of one’s own', {
  sharesData: true,
  open: async (purpose) => {
    const store = stores.get(purpose) ?? new TextStore();
    stores.set(purpose, store);
    return {
      sink: customSink(store),
      add: async (context, key, n) => context(key, n),
      read: async (name, key) => {
        const live = await liveGenerationIn(store, name);
        return store.lists.get(`projection.${name}.g${live}:${key}`) ?? [];
      },
      close: async () => {},
    };
  },
});

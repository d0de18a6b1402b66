import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '../config/config-error.ts';
import { loadStateModule } from './load-state-module.ts';

describe('the state module', () => {
  let directory: string;
  let files = 0;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'annals-module-'));
  });

  afterAll(() => rm(directory, { recursive: true, force: true }));

  async function load(source: string) {
    const path = join(directory, `${++files}.mjs`);
    await writeFile(path, source);
    return loadStateModule(path);
  }

  const problemsOf = async (source: string): Promise<readonly string[]> => {
    const error = await load(source).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).problems.map((problem) => problem.replace(/^STATE_MODULE \S+ /, ''));
  };

  it('is empty where none is configured', async () => {
    const module = await loadStateModule(undefined);
    expect(module.registry.isEmpty).toBe(true);
    expect(module.foldingOf('user')).toMatchObject({ kind: 'merge-patch', aggregate: { type: 'user' } });
  });

  it('holds aggregates by type, as definitions or as reducers', async () => {
    const module = await load(`
      export const aggregates = {
        user: { initialState: { n: 0 }, reducer: (state) => ({ n: state.n + 1 }) },
        order: { type: 'order', initialState: () => [], evolve: (state) => state, stateVersion: 3, snapshots: true },
      };`);
    const { aggregate, kind } = module.foldingOf('user');
    expect(kind).toBe('module');
    expect(aggregate.evolve({ n: 1 }, {} as never)).toEqual({ n: 2 });
    expect(Object.isFrozen(aggregate.initialState)).toBe(true);
    expect(module.aggregateOf('order')).toMatchObject({ stateVersion: 3, snapshotPolicy: { everyEvents: 100 } });
    expect(module.aggregateOf('vendor')).toBeUndefined();
  });

  it('holds the declarations of events', async () => {
    const { registry } = await load(`
      export const registry = { 'user.created': { version: 2, migrations: { 1: (data) => data } } };`);
    expect(registry.wayFrom('user.created', 1)).toBe('migrates');
    expect(registry.isSealed).toBe(true);
  });

  it('has classes checked as services do', async () => {
    const { registry } = await load(`
      class Named {}
      export const registry = { 'user.named': { class: Named } };`);
    expect(await registry.dataProblems('user.named', 5)).toEqual([
      { path: '', message: 'must be an object, the data of a Named' },
    ]);
  });

  it('takes a registry that another copy of the package made', async () => {
    const { registry } = await load(`
      export const registry = {
        add() { return this; }, supportClasses() { return this; }, seal() { this.sealed = true; return this; },
        current: (event) => event, wayFrom: () => 'current',
      };`);
    expect(registry).toMatchObject({ sealed: true });
  });

  it('is refused with all that is wrong with it', async () => {
    expect(
      await problemsOf(`
        export const aggregates = {
          a: { initialState: {} },
          b: { type: 'c', initialState: {}, reducer: (state) => state, stateVersion: 0 },
          d: { reducer: (state) => state },
          e: { initialState: () => 1n, reducer: (state) => state },
          f: 5,
        };
        export const registry = {
          'user.created': { version: 3, migrations: { 2: (data) => data } },
        };`),
    ).toEqual([
      'aggregates.a must have a function evolve or reducer',
      'aggregates.b.type is "c", and must be "b"',
      'aggregates.b.stateVersion must be a whole number from 1',
      'aggregates.d.initialState must be given',
      'aggregates.e.initialState must be a JSON value: TypeError: Do not know how to serialize a BigInt',
      'aggregates.f must be a definition, or an object with initialState and reducer',
      expect.stringMatching(/^registry: migrations\.user\.created has a gap/),
    ]);
    const twice = `{ type: 'a', initialState: 0, evolve: (state) => state }`;
    expect(await problemsOf(`export const aggregates = [${twice}, ${twice}];`)).toEqual([
      'aggregates.1 is the second of type a',
    ]);
    expect(await problemsOf(`export const aggregates = 5; export const registry = [];`)).toEqual([
      'exports aggregates that are neither a list nor an object by type',
      'exports a registry that is neither an EventRegistry nor an object of event types',
    ]);
    expect(await problemsOf(`export const aggregate = {};`)).toEqual(['exports neither aggregates nor registry']);
  });

  it('is refused where it cannot be loaded', async () => {
    expect(await problemsOf(`throw new Error('no licence');`)).toEqual(['cannot be loaded: Error: no licence']);
    expect(await problemsOf(`export const = 5;`)).toEqual([expect.stringMatching(/^cannot be loaded: SyntaxError/)]);
    await expect(loadStateModule(join(directory, 'none.mjs'))).rejects.toThrow(/cannot be loaded/);
  });
});

// The snippets of docs/guides/time-travel.md: the region stands there word for word.
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DiffResponse, StateResponse } from '@annals/contract';
import { AggregateRepository, type RecordedEvent, defineAggregate } from '@annals/core';
import { createInMemoryStore } from '@annals/testing';
import { startInMemoryGateway } from '../bootstrap/in-memory-gateway.spec-support.ts';
import { curlLines } from './curl-line.spec-support.ts';

const page = readFileSync(new URL('../../../../docs/guides/time-travel.md', import.meta.url), 'utf8');
const block = (language: string, containing: string): string =>
  [...page.matchAll(/```(\w+)\n([^]*?)```/g)].find(
    ([, of, code]) => of === language && code!.includes(containing),
  )![2]!;

const opened = { type: 'account.opened', data: { owner: 'Ada' }, timestamp: '2024-01-01T00:00:00Z' };
const paid = (cents: number, timestamp: string) => ({ type: 'account.paid', data: { cents }, timestamp });

describe('docs/guides/time-travel.md', () => {
  it('loads states of a repository', async () => {
    const store = createInMemoryStore();
    const events = [opened, paid(100, '2024-01-02T00:00:00Z'), paid(20, '2024-02-01T00:00:00Z')];
    await store.append({ type: 'account', id: 'account-1' }, events);
    // #region load-at
    const account = defineAggregate({
      type: 'account',
      initialState: { owner: '', balance: 0 },
      evolve: (state, { type, data }: RecordedEvent<{ owner: string; cents: number }>) => {
        if (type === 'account.opened') return { ...state, owner: data.owner };
        if (type === 'account.paid') return { ...state, balance: state.balance + data.cents };
        return state;
      },
    });
    const accounts = new AggregateRepository(store, account);

    const newest = await accounts.load('account-1');
    const afterTwo = await accounts.loadAt('account-1', { version: 2 });
    const inJanuary = await accounts.loadAt('account-1', { asOf: '2024-01-31T23:59:59Z' });
    // #endregion
    expect(newest).toEqual({ version: 3, state: { owner: 'Ada', balance: 120 } });
    expect(afterTwo).toEqual({ version: 2, state: { owner: 'Ada', balance: 100 } });
    expect(inJanuary).toEqual(afterTwo);
    const source = readFileSync(new URL(import.meta.url), 'utf8');
    const [, code] = /\/\/ #region load-at\n([^]*?)\n *\/\/ #endregion/.exec(source)!;
    expect(block('ts', 'AggregateRepository').trim()).toBe(code!.replaceAll(/^ {4}/gm, ''));
  });

  it('asks the gateway for states and for what changed', async () => {
    const gateway = await startInMemoryGateway();
    try {
      const answers: unknown[] = [];
      for (const { url, init } of curlLines(page)) {
        const { status, body } = await gateway.request(url.replace('http://127.0.0.1:3000', ''), init);
        expect([url, status]).toEqual([url, init.method === 'POST' ? 201 : 200]);
        answers.push(body);
      }
      const [, newest, first, inJanuary, ...diffs] = answers as StateResponse[];
      expect([newest, first, inJanuary]).toMatchObject([
        { version: 2, state: { name: 'Ada', city: 'Bern' } },
        { version: 1, state: { name: 'Ada', city: 'London' } },
        { version: 1, state: { city: 'London' } },
      ]);
      expect(diffs).toHaveLength(2);
      for (const { changes } of diffs as unknown as DiffResponse[]) {
        expect(changes).toMatchObject([
          {
            version: 2,
            type: 'user.moved',
            timestamp: '2024-02-01T10:00:00Z',
            userId: 'clerk-789',
            patch: [{ op: 'replace', path: '/city', value: 'Bern' }],
          },
        ]);
      }
    } finally {
      await gateway.stop();
    }
  });

  it('folds by the module that it shows', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'annals-guide-'));
    const path = join(directory, 'state-module.mjs');
    await writeFile(path, block('js', 'state-module.mjs'));
    const store = createInMemoryStore();
    const gateway = await startInMemoryGateway({ store, env: { STATE_MODULE: path } });
    try {
      const old = { ...opened, data: { name: 'Ada' } };
      await store.append({ type: 'account', id: 'a1' }, [old, paid(100, '2024-01-02T00:00:00Z')]);
      expect((await gateway.get('/events/aggregate/state?aggregateId=a1')).body).toMatchObject({
        reducer: 'module',
        state: { owner: 'Ada', balance: 100 },
      });
    } finally {
      await gateway.stop();
      await rm(directory, { recursive: true, force: true });
    }
  });
});

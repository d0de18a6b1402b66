import { EventRegistry, type NewEvent, splitInto } from '@annals/core';

/** An event as an earlier release stored it, and what it is today. */
export interface OldEvent {
  readonly stored: NewEvent;
  readonly today: readonly { readonly type: string; readonly schemaVersion: number; readonly data: unknown }[];
}

/** Data that no migration understands. */
export const BROKEN = { broken: true };

/** Knows all versions of the events below. It is not sealed. */
export function registryOfToday(): EventRegistry {
  return new EventRegistry()
    .add({ 'person.named': { version: 3 } })
    .registerMigration('person.named', 'v1', 'v2', (data: { label?: string }) => {
      if (data.label === undefined) throw new TypeError('there is no label');
      return { name: data.label };
    })
    .registerMigration('person.named', 2, 3, { defaults: { title: null } })
    .registerMigration('person.moved', 1, 2, ({ city, phone }: { city: string; phone: string }) =>
      splitInto({ data: { city } }, { type: 'person.called', data: { phone } }),
    )
    .registerMigration('person.pinged', 1, 2, () => splitInto());
}

const named = (name: string) => ({ type: 'person.named', schemaVersion: 3, data: { name, title: null } });

/** One event of each kind. @param text what its data hold */
export const KINDS: readonly ((text: string) => OldEvent)[] = [
  (text) => ({ stored: { type: 'person.named', data: { label: text } }, today: [named(text)] }),
  (text) => ({ stored: { type: 'person.named', schemaVersion: 2, data: { name: text } }, today: [named(text)] }),
  (text) => {
    const data = { name: text, title: 'Dr' };
    return { stored: { type: 'person.named', schemaVersion: 3, data }, today: [{ ...named(text), data }] };
  },
  (text) => {
    // A newer release wrote it: it is left alone.
    const stored = { type: 'person.named', schemaVersion: 4, data: { text } };
    return { stored, today: [stored] };
  },
  (text) => ({
    stored: { type: 'person.moved', data: { city: text, phone: '1' } },
    today: [
      { type: 'person.moved', schemaVersion: 2, data: { city: text } },
      { type: 'person.called', schemaVersion: 1, data: { phone: '1' } },
    ],
  }),
  (text) => ({ stored: { type: 'person.pinged', data: { text } }, today: [] }),
  (text) => ({
    stored: { type: 'unknown.type', data: { text } },
    today: [{ type: 'unknown.type', schemaVersion: 1, data: { text } }],
  }),
];

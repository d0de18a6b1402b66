import { describe, expect, it } from '@jest/globals';
import {
  EventRegistry,
  type EventOf,
  type NewEventOf,
  type RecordedEvent,
  type StandardSchema,
  ValidationError,
  defineEvents,
} from '../index.ts';

/** A schema as a library would make it. */
function schemaOf<Output>(
  check: (value: unknown) => string | undefined,
  path: readonly PropertyKey[] = [],
): StandardSchema<Output> {
  return {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: (value) => {
        const message = check(value);
        return message === undefined ? { value: value as Output } : { issues: [{ message, path }] };
      },
    },
  };
}

const named = schemaOf<{ name: string }>(
  (value) => (typeof (value as { name?: unknown })?.name === 'string' ? undefined : 'must be a text'),
  ['name'],
);

class Renamed {
  constructor(readonly to: string) {}
  get shout(): string {
    return this.to.toUpperCase();
  }
}

const events = defineEvents({
  'user.created': { schema: named, version: 2, migrations: { 1: { rename: { label: 'name' } } } },
  'user.renamed': { class: Renamed },
});

function stored(type: string, data: unknown, schemaVersion = 1): RecordedEvent {
  return { type, data, schemaVersion, version: 1, position: { stream: 'EVENTS', sequence: 1 } } as RecordedEvent;
}

describe('an event registry', () => {
  const registry = new EventRegistry().add(events).seal();

  it('knows types, versions and ways', () => {
    expect(registry.eventTypes).toEqual(['user.created', 'user.renamed']);
    expect(registry.currentVersion('user.created')).toBe(2);
    expect(registry.wayFrom('user.created', 1)).toBe('migrates');
    expect(registry.currentVersion('other')).toBeUndefined();
  });

  it('reads events as they are today, as instances where a class is declared', () => {
    expect(registry.current(stored('user.created', { label: 'Ada' }))).toMatchObject({
      data: { name: 'Ada' },
      schemaVersion: 2,
    });
    const renamed = registry.current(stored('user.renamed', { to: 'ada' })) as RecordedEvent<Renamed>;
    expect(renamed.data).toBeInstanceOf(Renamed);
    expect(renamed.data.shout).toBe('ADA');
  });

  it('does not make an instance of what a newer release wrote', () => {
    const event = stored('user.renamed', { completely: 'new' }, 2);
    expect(registry.current(event)).toBe(event);
  });

  it('says what is wrong with data by path', async () => {
    expect(await registry.dataProblems('user.created', {})).toEqual([{ path: 'name', message: 'must be a text' }]);
    expect(await registry.dataProblems('user.created', { name: 'Ada' })).toEqual([]);
    expect(await registry.dataProblems('other', 5)).toEqual([]);
  });

  it('takes unknown types unless told otherwise, and always those of the store', () => {
    expect(registry.takes('other')).toBe(true);
    const strict = new EventRegistry({ unknownTypes: 'reject' }).add(events);
    expect(['user.created', 'other', 'annals.event.redacted'].map((type) => strict.takes(type))).toEqual([
      true,
      false,
      true,
    ]);
  });

  it.each([
    ['v1', 'v2'],
    ['1', '2'],
    [1, 2],
  ])('takes a migration from %s to %s', (from, to) => {
    const own = new EventRegistry().registerMigration('a', from, to, () => 1);
    expect(own.currentVersion('a')).toBe(2);
  });

  it.each(['', 'v', 'one', '1.5', '-1', 'v01x'])('refuses the version %j', (from) => {
    expect(() => new EventRegistry().registerMigration('a', from, 2, () => 1)).toThrow(ValidationError);
  });

  it('is closed once it is sealed', () => {
    const sealed = new EventRegistry().seal();
    expect(() => sealed.add({})).toThrow(/is sealed/);
    expect(() => sealed.registerMigration('a', 1, 2, () => 1)).toThrow(/is sealed/);
    expect(sealed.seal()).toBe(sealed);
  });

  it('finds gaps when it is sealed', () => {
    const gap = new EventRegistry().add({ a: { version: 3, migrations: { 1: { defaults: {} } } } });
    expect(() => gap.seal()).toThrow(/migrations\.a has a gap/);
  });

  it('takes the same declaration twice, another one of the same type not', () => {
    expect(() => new EventRegistry().add(events).add(events)).not.toThrow();
    expect(() => new EventRegistry().add(events).add({ 'user.created': {} })).toThrow(/declared twice/);
  });

  it.each<[string, object]>([
    ['a type that is none', { 'not a type': {} }],
    ['a type of the store', { 'annals.x': {} }],
    ['schema and class', { a: { schema: named, class: Renamed } }],
    ['what is no schema', { a: { schema: {} } }],
    ['what is no class', { a: { class: {} } }],
    ['version 0', { a: { version: 0 } }],
    ['an oldest version above the current one', { a: { version: 1, oldestVersion: 2 } }],
    ['a migration without number', { a: { version: 2, migrations: { x: { defaults: {} } } } }],
    ['personal data, which it cannot protect', { a: { personalData: ['name'] } }],
  ])('refuses to declare %s', (_, declarations) => {
    expect(() => new EventRegistry().add(declarations as never)).toThrow(ValidationError);
  });

  it('reports all problems of all types at once', () => {
    const add = (): unknown => new EventRegistry().add({ a: { version: 0 }, b: { personalData: ['x'] } });
    expect(add).toThrow(
      expect.objectContaining({
        errors: [
          expect.objectContaining({ path: 'a.version' }),
          expect.objectContaining({ path: 'a.oldestVersion' }),
          expect.objectContaining({ path: 'b.personalData' }),
        ],
      }),
    );
  });
});

describe('the types of declared events', () => {
  it('tell events apart by their type', () => {
    const nameOf = (event: EventOf<typeof events>): string => {
      switch (event.type) {
        case 'user.created':
          return event.data.name;
        case 'user.renamed':
          return event.data.shout;
      }
    };
    expect(nameOf(stored('user.created', { name: 'Ada' }) as EventOf<typeof events>)).toBe('Ada');
  });

  it('refuse data that do not fit', () => {
    const fitting: NewEventOf<typeof events> = { type: 'user.created', data: { name: 'Ada' } };
    // @ts-expect-error: the data lack the name
    const lacking: NewEventOf<typeof events> = { type: 'user.created', data: {} };
    // @ts-expect-error: the type is not declared
    const unknown: NewEventOf<typeof events> = { type: 'user.gone', data: {} };
    expect([fitting, lacking, unknown]).toHaveLength(3);
  });
});

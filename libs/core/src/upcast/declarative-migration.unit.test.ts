import { describe, expect, it } from '@jest/globals';
import { declaredMigration } from './declarative-migration.ts';

const migrate = (declaration: Parameters<typeof declaredMigration>[0], data: unknown): unknown =>
  declaredMigration(declaration)(data as never, undefined as never);

describe('a declared migration', () => {
  it('renames, then removes, then fills in', () => {
    const declaration = {
      rename: { mail: 'email', gone: 'old' },
      remove: ['old', 'temp'],
      defaults: { email: 'none', role: 'reader' },
    };
    expect(migrate(declaration, { mail: 'a@b', gone: 1, temp: 2, kept: 3 })).toEqual({
      email: 'a@b',
      kept: 3,
      role: 'reader',
    });
  });

  it('keeps null and false, which are values', () => {
    expect(migrate({ defaults: { a: 1, b: 1 } }, { a: null, b: false })).toEqual({ a: null, b: false });
  });

  it('gives every event defaults of its own, and leaves the data alone', () => {
    const step = declaredMigration({ defaults: { list: [] } });
    const data = Object.freeze({ a: 1 });
    const [one, two] = [step(data as never, undefined as never), step(data as never, undefined as never)] as {
      list: number[];
    }[];
    one!.list.push(1);
    expect(two!.list).toEqual([]);
    expect(data).toEqual({ a: 1 });
  });

  it('is not fooled by the name of a prototype', () => {
    const data = JSON.parse('{"__proto__":{"admin":true},"a":1}');
    const migrated = migrate({ rename: { a: 'b' } }, data) as { admin?: boolean };
    expect(migrated.admin).toBeUndefined();
    expect(JSON.stringify(migrated)).toBe('{"__proto__":{"admin":true},"b":1}');
  });

  it.each([null, 1, 'x', [1]])('refuses data that are no object: %j', (data) => {
    expect(() => migrate({ defaults: {} }, data)).toThrow(/no object/);
  });
});

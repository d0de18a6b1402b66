import 'reflect-metadata';
import { Type } from 'class-transformer';
import { IsArray, IsEmail, IsString, MinLength, ValidateNested } from 'class-validator';
import { EventRegistry, type EventStore, withRegistry } from '@annals/core';
import { createInMemoryStore } from '@annals/testing';
import { EventType, classEvents, classValidation } from '../index.ts';

class Address {
  @IsString()
  city!: string;

  get label(): string {
    return `in ${this.city}`;
  }
}

@EventType('user.created', { version: 2, migrations: { 1: { rename: { label: 'name' } } } })
class UserCreated {
  @IsString()
  @MinLength(2)
  name!: string;

  @IsEmail()
  email!: string;

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => Address)
  addresses!: Address[];

  get shout(): string {
    return this.name.toUpperCase();
  }
}

@EventType('user.pinged')
class Unchecked {
  at?: string;
}

const user = { type: 'user', id: 'u1' };
const ada = { name: 'Ada', email: 'ada@example.com', addresses: [{ city: 'Bern' }] };

describe('events declared as classes', () => {
  let beneath: EventStore;
  let store: EventStore;

  beforeEach(() => {
    beneath = createInMemoryStore();
    const registry = new EventRegistry({ classes: classValidation }).add(classEvents(UserCreated, Unchecked));
    store = withRegistry(beneath, registry.seal());
  });

  it('are checked with all problems by nested path', async () => {
    const data = { name: 'A', email: 'ada', addresses: [{ city: 'Bern' }, { city: 7 }] };
    await expect(store.append(user, { type: 'user.created', data })).rejects.toMatchObject({
      errors: [
        { path: 'events.0.data.name', message: 'must be longer than or equal to 2 characters' },
        { path: 'events.0.data.email', message: 'must be an email' },
        { path: 'events.0.data.addresses.1.city', message: 'must be a string' },
      ],
    });
    for (const wrong of [null, 'text', [ada]]) {
      await expect(store.append(user, { type: 'user.created', data: wrong })).rejects.toMatchObject({
        errors: [{ path: 'events.0.data', message: expect.stringContaining('must be an object') }],
      });
    }
    expect(await beneath.count()).toBe(0);
  });

  it('are stored as they are given, an instance or a plain object', async () => {
    const instance = Object.assign(new UserCreated(), ada);
    await store.append(user, [
      { type: 'user.created', data: instance },
      { type: 'user.created', data: ada },
    ]);
    const { events } = await beneath.load(user);
    expect(events.map(({ data, schemaVersion }) => [data, schemaVersion])).toEqual([
      [ada, 2],
      [ada, 2],
    ]);
  });

  it('are read as instances, with nested ones, also when an older version was stored', async () => {
    await store.append(user, { type: 'user.created', data: ada });
    const { name, ...rest } = ada;
    await beneath.append(user, { type: 'user.created', data: { label: name, ...rest } });
    const { events } = await store.load(user);
    for (const { data } of events) {
      expect(data).toBeInstanceOf(UserCreated);
      expect((data as UserCreated).shout).toBe('ADA');
      expect((data as UserCreated).addresses[0]).toBeInstanceOf(Address);
      expect((data as UserCreated).addresses[0]!.label).toBe('in Bern');
    }
  });

  it('need not be checked', async () => {
    await store.append(user, { type: 'user.pinged', data: { whatever: 1 } });
    const { events } = await store.load(user);
    expect(events[0]!.data).toBeInstanceOf(Unchecked);
    expect(events[0]!.data).toEqual({ whatever: 1 });
  });

  it('leave data alone that were stored before there was a class and are no object', async () => {
    await beneath.append(user, { type: 'user.pinged', data: 'text' });
    expect((await store.load(user)).events[0]!.data).toBe('text');
  });

  it('must be decorated, and be the only class of their type', () => {
    class Plain {}

    @EventType('user.created')
    class Second {}
    expect(() => classEvents(UserCreated, Plain, Second)).toThrow(
      expect.objectContaining({
        errors: [
          { path: 'Plain', message: 'must be decorated by @EventType' },
          { path: 'Second', message: expect.stringContaining('as UserCreated does') },
        ],
      }),
    );
    expect(Object.keys(classEvents(UserCreated, UserCreated))).toEqual(['user.created']);
  });
});

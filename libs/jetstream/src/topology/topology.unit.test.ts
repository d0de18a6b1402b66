import { isValidationError, nameProblem } from '@annals/core';
import fc from 'fast-check';
import { prefixOfStream, streamOfPrefix } from './stream-binding.ts';
import type { DedicatedStream, TopologyOptions } from './topology-options.ts';
import { resolveTopology } from './topology.ts';

const streamName = fc
  .stringMatching(/^[A-Za-z0-9_-]{1,12}$/)
  .filter((name) => !/^(KV_|OBJ_|ANNALS_)/i.test(name) && name.toLowerCase() !== 'dead_letters');
const aggregateType = fc
  .string({ minLength: 1, maxLength: 8, unit: 'grapheme' })
  .filter((type) => nameProblem(type) === undefined);

const topologies = fc
  .tuple(
    fc.uniqueArray(streamName, { minLength: 1, maxLength: 6, selector: (s) => s.toLowerCase() }),
    fc.uniqueArray(aggregateType, { minLength: 6, maxLength: 20 }),
  )
  .map(([[defaultStream, ...others], types]): { defaultStream: string; streams: DedicatedStream[] } => ({
    defaultStream: defaultStream!,
    streams: others.map((stream, i) => ({
      stream,
      aggregateTypes: types.filter((_, k) => k % (others.length + 1) === i),
    })),
  }));

const problemsOf = (options: unknown): readonly string[] => {
  try {
    resolveTopology(options as TopologyOptions);
    return [];
  } catch (error) {
    if (!isValidationError(error)) throw error;
    return error.errors.map(({ path, message }) => `${path} ${message}`);
  }
};

describe('resolveTopology', () => {
  it('puts everything into EVENTS under evt unless told otherwise', () => {
    const topology = resolveTopology();
    expect(topology.bindings).toEqual([
      {
        name: 'EVENTS',
        prefix: 'evt',
        idempotencyPrefix: 'idem.EVENTS',
        subjects: ['evt.>', 'idem.EVENTS.>'],
        isDefault: true,
        aggregateTypes: [],
      },
    ]);
    expect(topology.bindingOf('user')).toBe(topology.defaultBinding);
    expect(topology.bindingOf(undefined)).toBe(topology.defaultBinding);
  });

  it('gives the named types a stream with a prefix of its own', () => {
    const topology = resolveTopology({ streams: [{ stream: 'ORDERS', aggregateTypes: ['order', 'cart'] }] });
    expect(topology.bindingOf('order')).toMatchObject({
      name: 'ORDERS',
      prefix: 'evt-ORDERS',
      subjects: ['evt-ORDERS.>', 'idem.ORDERS.>'],
    });
    expect(topology.bindingOf('cart').name).toBe('ORDERS');
    expect(topology.bindingOf('user').name).toBe('EVENTS');
    expect(topology.bindingOfStream('ORDERS')).toBe(topology.bindingOf('order'));
    expect(topology.bindingOfStream('OTHERS')).toBeUndefined();
  });

  it('keeps a stream at its prefix whether it is the default or a dedicated one', () => {
    const before = resolveTopology({ streams: [{ stream: 'ORDERS', aggregateTypes: ['order'] }] });
    const after = resolveTopology({
      defaultStream: 'ORDERS',
      streams: [{ stream: 'EVENTS', aggregateTypes: ['user'] }],
    });
    expect(after.bindingOf('order').subjects).toEqual(before.bindingOf('order').subjects);
    expect(after.bindingOf('user').subjects).toEqual(before.bindingOf('user').subjects);
  });

  it('finds one stream for every type, whatever its name', () => {
    fc.assert(
      fc.property(topologies, aggregateType, (options, anyType) => {
        const topology = resolveTopology(options);
        for (const { stream, aggregateTypes } of options.streams) {
          for (const type of aggregateTypes) expect(topology.bindingOf(type).name).toBe(stream);
        }
        const owner = options.streams.find((s) => s.aggregateTypes.includes(anyType))?.stream ?? options.defaultStream;
        expect(topology.bindingOf(anyType).name).toBe(owner);
        expect(topology.bindingOf(undefined).name).toBe(options.defaultStream);
      }),
    );
  });

  it('never gives two streams overlapping subjects', () => {
    fc.assert(
      fc.property(topologies, (options) => {
        const { bindings } = resolveTopology(options);
        const roots = bindings.flatMap((b) => b.subjects.map((s) => s.replace(/\.>$/, '')));
        expect(new Set(roots).size).toBe(roots.length);
        for (const a of roots) for (const b of roots) if (a !== b) expect(a.startsWith(`${b}.`)).toBe(false);
      }),
    );
  });

  it('tells a stream by its prefix', () => {
    fc.assert(fc.property(streamName, (name) => expect(streamOfPrefix(prefixOfStream(name))).toBe(name)));
    expect(streamOfPrefix('evt')).toBe('EVENTS');
    for (const foreign of ['', 'idem', 'evt-', 'evt-EVENTS', 'event']) expect(streamOfPrefix(foreign)).toBeUndefined();
  });

  it.each([
    ['', 'must not be empty'],
    ['a b', 'must consist of'],
    ['a.b', 'must consist of'],
    ['a*', 'must consist of'],
    ['>', 'must consist of'],
    ['ä', 'must consist of'],
    ['x'.repeat(65), 'at most 64'],
    ['KV_users', 'kept for other ends'],
    ['dead_letters', 'kept for other ends'],
    ['redeliveries', 'kept for other ends'],
    [7, 'must be a string'],
  ])('refuses the stream name %j', (name, message) => {
    expect(problemsOf({ defaultStream: name })).toEqual([expect.stringContaining(message)]);
    expect(problemsOf({ streams: [{ stream: name, aggregateTypes: ['t'] }] })).toEqual([
      expect.stringMatching(new RegExp(`^topology\\.streams\\.0\\.stream .*${message}`)),
    ]);
  });

  it('refuses a type in two streams, a stream named twice and a stream without types, all at once', () => {
    expect(
      problemsOf({
        streams: [
          { stream: 'A', aggregateTypes: ['x', 'x'] },
          { stream: 'a', aggregateTypes: ['x'] },
          { stream: 'Events', aggregateTypes: ['y'] },
          { stream: 'C', aggregateTypes: [] },
          { stream: 'D', aggregateTypes: ['', 'ok'] },
        ],
      }),
    ).toEqual([
      'topology.streams.0.aggregateTypes.1 belongs to a stream already, by topology.streams.0.aggregateTypes.0',
      'topology.streams.1.stream is named by topology.streams.0.stream already (case does not tell streams apart)',
      'topology.streams.1.aggregateTypes.0 belongs to a stream already, by topology.streams.0.aggregateTypes.0',
      'topology.streams.2.stream is named by topology.defaultStream already (case does not tell streams apart)',
      'topology.streams.3.aggregateTypes must be a list of 1 to 1000 aggregate types',
      'topology.streams.4.aggregateTypes.0 must not be empty',
    ]);
  });

  it('refuses what is no topology at all', () => {
    expect(problemsOf({ streams: 'ORDERS' })).toEqual(['topology.streams must be a list']);
    expect(problemsOf({ streams: [null] })).toHaveLength(2);
    expect(problemsOf({ streams: [{ stream: 'A', aggregateTypes: 'order' }] })).toHaveLength(1);
    const many = Array.from({ length: 101 }, (_, i) => ({ stream: `S${i}`, aggregateTypes: [`t${i}`] }));
    expect(problemsOf({ streams: many })).toEqual(['topology.streams must name at most 100 streams']);
  });
});

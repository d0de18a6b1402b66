import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import {
  type ResolvedAggregateRef,
  MAX_NAME_BYTES,
  encodedNameBytes,
  eventTypeProblem,
  nameProblem,
} from '@annals/core';
import {
  aggregatePrefix,
  decodeToken,
  encodeToken,
  filterOf,
  idempotencySubject,
  looseEventPrefix,
  parseEventSubject,
  streamFilters,
  versionFilter,
  versionInSubject,
} from './subject-map.ts';

const NASTY = [
  '.',
  '*',
  '>',
  ' ',
  '\t',
  '\n',
  '\r',
  '\0',
  '%',
  '%2',
  '%2E',
  '-',
  '--',
  '_',
  '/',
  '$',
  '\u{feff}',
  'é',
  '中',
  '👩‍👩‍👧',
  '\u{202e}',
];

/** Every text that may be a tenant, an aggregate type, an aggregate id or a key, above all those that hurt. */
const name = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
    fc.array(fc.constantFrom(...NASTY), { minLength: 1, maxLength: 12 }).map((parts) => parts.join('')),
    fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/),
  )
  .filter((text) => nameProblem(text) === undefined);
const type = fc
  .array(fc.stringMatching(/^[A-Za-z0-9_-]{1,12}$/), { minLength: 1, maxLength: 8 })
  .map((tokens) => tokens.join('.'))
  .filter((text) => eventTypeProblem(text) === undefined);
const version = fc.oneof(
  fc.integer({ min: 1, max: 20 }),
  fc.maxSafeNat().map((n) => Math.max(1, n)),
);
const ref: fc.Arbitrary<ResolvedAggregateRef> = fc.record({ tenantId: name, type: name, id: name });

/** As nats-server matches subjects. */
function matches(filter: string, subject: string): boolean {
  const wanted = filter.split('.');
  const found = subject.split('.');
  for (const [i, token] of wanted.entries()) {
    if (token === '>') return found.length > i;
    if (found[i] === undefined || (token !== '*' && token !== found[i])) return false;
  }
  return wanted.length === found.length;
}

describe('a token', () => {
  it('holds nothing that a subject gives a meaning to, and only ASCII', () => {
    fc.assert(fc.property(name, (text) => expect(encodeToken(text)).toMatch(/^[A-Za-z0-9_%-]+$/)));
  });

  it('is read back as the text that it was made of', () => {
    fc.assert(fc.property(name, (text) => expect(decodeToken(encodeToken(text))).toBe(text)));
  });

  it('differs where texts differ', () => {
    fc.assert(
      fc.property(name, name, (a, b) => {
        fc.pre(a !== b);
        expect(encodeToken(a)).not.toBe(encodeToken(b));
      }),
    );
  });

  it('is never the one that stands for no aggregate', () => {
    fc.assert(fc.property(name, (text) => expect(encodeToken(text)).not.toBe('-')));
    expect(encodeToken('-')).toBe('%2D');
    expect(encodeToken('a-b')).toBe('a-b');
  });

  it('takes as many bytes as the limit of names counts', () => {
    fc.assert(fc.property(name, (text) => expect(encodeToken(text)).toHaveLength(encodedNameBytes(text))));
    expect(encodeToken('.'.repeat(66))).toHaveLength(198);
    expect(nameProblem('.'.repeat(67))).toContain(`at most ${MAX_NAME_BYTES}`);
  });

  it('keeps apart what only looks alike', () => {
    const alike = ['é', 'e\u0301', 'É', '\u{feff}a', 'a', 'A', 'a ', '%61', '%2561'];
    expect(new Set(alike.map(encodeToken)).size).toBe(alike.length);
  });

  it.each(['', '-', '%', '%2', '%2e', '%41', '%2Da', 'a.b', 'a b', '%ZZ', '%C3', '%ED%A0%80', 'é', '%2D%2D%'])(
    'is not read from %j, which it never is',
    (token) => expect(decodeToken(token)).toBeUndefined(),
  );

  it('is only made of names that can be read back', () => {
    for (const lone of ['\ud800', 'a\udc00', '\udc00\ud800', '\ud83d x']) expect(nameProblem(lone)).toBeDefined();
    expect(nameProblem('')).toBeDefined();
    expect(nameProblem('a'.repeat(201))).toBeDefined();
  });
});

describe('the subject of an event', () => {
  it('tells tenant, aggregate, version and type', () => {
    fc.assert(
      fc.property(ref, version, type, (aggregate, n, eventType) => {
        const prefix = aggregatePrefix('evt', aggregate);
        const subject = `${prefix}.${n}.${eventType}`;
        expect(parseEventSubject('evt', subject)).toEqual({
          tenantId: aggregate.tenantId,
          aggregateType: aggregate.type,
          aggregateId: aggregate.id,
          version: n,
          type: eventType,
        });
        expect(versionInSubject(subject, prefix)).toBe(n);
      }),
    );
  });

  it('tells tenant, message id and type where there is no aggregate', () => {
    fc.assert(
      fc.property(name, name, type, (tenantId, messageId, eventType) => {
        const subject = `${looseEventPrefix('evt-ORDERS', tenantId, messageId)}.${eventType}`;
        expect(parseEventSubject('evt-ORDERS', subject)).toEqual({ tenantId, messageId, type: eventType });
      }),
    );
  });

  it('is at most 1,100 bytes long, whatever the names are', () => {
    const longest = '👩'.repeat(16);
    const prefix = aggregatePrefix(`evt-${'S'.repeat(64)}`, { tenantId: longest, type: longest, id: longest });
    expect(`${prefix}.${Number.MAX_SAFE_INTEGER}.${'t'.repeat(200)}`.length).toBeLessThan(1_100);
  });

  it.each([
    'evt',
    'evt.',
    'evt.t.order.1',
    'evt.t.order.1.1',
    'evt.t.order.1.0.type',
    'evt.t.order.1.01.type',
    'evt.t.order.1.-1.type',
    'evt.t.order.1.1e3.type',
    'evt.t.order.1.x.type',
    'evt.t.-.1.1.type',
    'evt.t.order.-.1.type',
    'evt.-.order.1.1.type',
    'evt.t.or%2eder.1.1.type',
    'evt-X.t.order.1.1.type',
    'other.t.order.1.1.type',
    'evt.t.-.-.-.type',
  ])('is not %j', (subject) => expect(parseEventSubject('evt', subject)).toBeUndefined());
});

describe('filters', () => {
  it('of an aggregate and of a version match their events and no others', () => {
    fc.assert(
      fc.property(ref, ref, version, version, type, (a, b, v, w, eventType) => {
        fc.pre(JSON.stringify(a) !== JSON.stringify(b) && v !== w);
        const [own, other] = [aggregatePrefix('evt', a), aggregatePrefix('evt', b)];
        expect(matches(filterOf(own), `${own}.${v}.${eventType}`)).toBe(true);
        expect(matches(filterOf(own), `${other}.${v}.${eventType}`)).toBe(false);
        expect(matches(versionFilter(own, v), `${own}.${v}.${eventType}`)).toBe(true);
        expect(matches(versionFilter(own, v), `${own}.${w}.${eventType}`)).toBe(false);
      }),
    );
  });

  it('of a store filter match exactly the events that it means', () => {
    const one = fc.constantFrom('a', 'b', '-', '*', '>', 'a.b');
    const types = fc.constantFrom('x', 'x.y', 'x.z', 'y.z', 'x.y.z');
    const patterns = fc.constantFrom('x', 'x.*', '*.z', 'x.>', '>', '*', 'x.y.z');
    const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
    const filter = fc.record({
      tenantId: maybe(one),
      aggregateType: maybe(one),
      aggregateId: maybe(one),
      eventTypes: maybe(fc.array(patterns, { minLength: 1, maxLength: 3 })),
    });
    const places = fc.record({ tenantId: one, type: one, id: one });
    fc.assert(
      fc.property(
        filter,
        maybe(fc.constant<readonly number[]>([2, 3])),
        places,
        fc.integer({ min: 1, max: 4 }),
        types,
        (...given) => {
          const [wanted, versions, aggregate, n, eventType] = given;
          const subject = `${aggregatePrefix('evt', aggregate)}.${n}.${eventType}`;
          const isMeant =
            (wanted.tenantId ?? aggregate.tenantId) === aggregate.tenantId &&
            (wanted.aggregateType ?? aggregate.type) === aggregate.type &&
            (wanted.aggregateId ?? aggregate.id) === aggregate.id &&
            (wanted.eventTypes ?? ['>']).some((pattern) => matches(pattern, eventType)) &&
            (versions ?? [n]).includes(n);
          const found = streamFilters('evt', wanted, versions).some((subjectFilter) => matches(subjectFilter, subject));
          expect(found).toBe(isMeant);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('of everything is the one that others use for the whole stream', () => {
    expect(streamFilters('evt-ORDERS', {})).toEqual(['evt-ORDERS.>']);
  });

  it('of an aggregate filter never match events without aggregate', () => {
    fc.assert(
      fc.property(name, name, name, type, (tenantId, id, messageId, eventType) => {
        const loose = `${looseEventPrefix('evt', tenantId, messageId)}.${eventType}`;
        for (const filter of [{ tenantId, aggregateId: id }, { aggregateType: id }]) {
          for (const subjectFilter of streamFilters('evt', filter)) expect(matches(subjectFilter, loose)).toBe(false);
        }
      }),
    );
  });
});

describe('the subject of an idempotency key', () => {
  it('differs where tenant or key differ, and is no event', () => {
    fc.assert(
      fc.property(name, name, name, (tenantId, a, b) => {
        fc.pre(a !== b && b !== tenantId);
        const subject = idempotencySubject('idem.EVENTS', tenantId, a);
        expect(subject).not.toBe(idempotencySubject('idem.EVENTS', tenantId, b));
        expect(subject).not.toBe(idempotencySubject('idem.EVENTS', b, a));
        expect(subject.split('.')).toHaveLength(4);
        expect(parseEventSubject('evt', subject)).toBeUndefined();
      }),
    );
  });
});

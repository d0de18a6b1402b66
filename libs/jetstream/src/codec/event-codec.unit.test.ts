import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { type PreparedEvent, SALT_BYTES, ValidationError } from '@annals/core';
import { HEADER } from '../header/header-names.ts';
import { decodeEvent, encodeWithoutVersion, saltedBody } from './event-codec.ts';

const SUBJECT = 'evt.acme.order.1.1.order.placed';
const RECORDED_AT = '2024-05-01T10:00:00.123456789Z';

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('\ud800', 'a\udc00b', '\u2028', '\0'),
);
const json = fc.jsonValue({ stringUnit: 'binary', maxDepth: 4 });
const key = fc.oneof(fc.constantFrom('__proto__', 'constructor', 'toString', '', 'version', 'position', 'a.b'), text);

/** JSON whose objects have the keys that hurt as keys of their own. */
const nasty = fc.array(fc.tuple(key, json), { maxLength: 6 }).map((entries) => {
  const fields = entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  return JSON.parse(`{${fields.join(',')}}`) as unknown;
});

const prepared: fc.Arbitrary<PreparedEvent> = fc.record(
  {
    messageId: fc.uuid(),
    type: fc.constantFrom('order.placed', 'x'),
    data: fc.oneof(json, nasty, text),
    timestamp: fc.constant('2024-05-01T10:00:00Z'),
    tenantId: text,
    aggregateId: text,
    aggregateType: text,
    schemaVersion: fc.integer({ min: 1, max: 9 }),
    correlationId: text,
    causationId: text,
    userId: text,
    source: fc.record({ type: text, id: text, name: text }),
    tags: fc.array(text, { maxLength: 4 }),
    metadata: nasty as fc.Arbitrary<Record<string, unknown>>,
  },
  { requiredKeys: ['messageId', 'type', 'data', 'timestamp', 'tenantId', 'schemaVersion', 'correlationId'] },
);

function roundTrip(event: PreparedEvent, version: number | undefined, headers = '') {
  const encoded = encodeWithoutVersion(event, 'events.0');
  const { body } = saltedBody(encoded, Buffer.byteLength(encoded), version);
  return decodeEvent('EVENTS', 7, SUBJECT, RECORDED_AT, headers, body);
}

describe('the codec', () => {
  it('gives back every event with its version, position and recording time', () => {
    fc.assert(
      fc.property(prepared, fc.option(fc.integer({ min: 1 }), { nil: undefined }), (event, version) => {
        const stored = { stream: 'EVENTS', sequence: 7 };
        // What JSON keeps of the event: -0 becomes 0.
        const kept = JSON.parse(JSON.stringify(event)) as PreparedEvent;
        const expected = {
          ...kept,
          ...(version !== undefined && { version }),
          position: stored,
          recordedAt: RECORDED_AT,
        };
        const found = roundTrip(event, version);
        expect(found).toEqual(expected);
        // toEqual passes over the prototype.
        expect(JSON.stringify(found.data)).toBe(JSON.stringify(event.data));
        expect(Object.getPrototypeOf(found)).toBe(Object.prototype);
      }),
    );
  });

  it('keeps a key __proto__ as data', () => {
    const data = JSON.parse('{"__proto__":{"admin":true},"a":1}') as object;
    const found = roundTrip({ ...minimal(), data }, 1).data as Record<string, unknown>;
    expect(Object.keys(found)).toEqual(['__proto__', 'a']);
    expect(found['admin']).toBeUndefined();
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
  });

  it.each([1, 2, 100, 999_999, Number.MAX_SAFE_INTEGER, undefined])('writes version %s as JSON would', (version) => {
    const encoded = encodeWithoutVersion(minimal(), '');
    const { body } = saltedBody(encoded, Buffer.byteLength(encoded), version);
    expect(body.toString()).toBe(JSON.stringify({ ...minimal(), version }));
  });

  it('keeps large bodies whole', () => {
    const data = { text: 'é👩\n"\\'.repeat(150_000), list: Array.from({ length: 20_000 }, (_, i) => ({ i })) };
    expect(roundTrip({ ...minimal(), data }, 3).data).toEqual(data);
  });

  it('keeps what is nested deeply', () => {
    let data: unknown = 'core';
    for (let i = 0; i < 1_000; i++) data = [data];
    expect(JSON.stringify(roundTrip({ ...minimal(), data }, 1).data)).toBe(JSON.stringify(data));
  });

  it('salts every body anew, and hashes salt and body together', () => {
    const encoded = encodeWithoutVersion(minimal(), '');
    const make = () => saltedBody(encoded, Buffer.byteLength(encoded), 1);
    const [a, b] = [make(), make()];
    expect(a.salt).not.toBe(b.salt);
    expect(a.salted.subarray(0, SALT_BYTES).toString('base64url')).toBe(a.salt);
    expect(a.salted.subarray(SALT_BYTES)).toEqual(a.body);
    expect(a.body).toEqual(b.body);
  });

  it('reads the hash out of the headers', () => {
    const hash = 'A'.repeat(43);
    expect(roundTrip(minimal(), 1, `NATS/1.0\r\n${HEADER.hash}: ${hash}\r\n\r\n`).hash).toBe(hash);
    expect(roundTrip(minimal(), 1)).not.toHaveProperty('hash');
  });

  it.each([
    ['a bigint', { n: 1n }],
    ['a cycle', cyclic()],
    [
      'a toJSON that throws',
      {
        toJSON: () => {
          throw new Error('not me');
        },
      },
    ],
  ])('refuses %s and says where', (_, data) => {
    const attempt = (): string => encodeWithoutVersion({ ...minimal(), data }, 'events.3');
    expect(attempt).toThrow(ValidationError);
    expect(attempt).toThrow(/^events\.3\.data must be JSON/);
  });

  it.each([
    '',
    '{',
    'null',
    '[]',
    '"text"',
    '1',
    '{}',
    '{"messageId":"1","type":"a"}',
    '{"messageId":1,"type":"a","timestamp":"t"}',
    '\xff\xfe',
  ])('takes %j for no event and says where it lies', (body) => {
    const decode = () => decodeEvent('EVENTS', 7, SUBJECT, RECORDED_AT, '', Buffer.from(body, 'latin1'));
    expect(decode).toThrow(
      expect.objectContaining({
        code: 'corrupt-event',
        position: { stream: 'EVENTS', sequence: 7 },
        message: expect.stringContaining(SUBJECT) as unknown,
      }),
    );
  });
});

function minimal(): PreparedEvent {
  return {
    messageId: 'm',
    type: 'order.placed',
    data: null,
    timestamp: '2024-05-01T10:00:00Z',
    tenantId: 'acme',
    schemaVersion: 1,
    correlationId: 'm',
  } as PreparedEvent;
}

function cyclic(): unknown {
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  return cycle;
}

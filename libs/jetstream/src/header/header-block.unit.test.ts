import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { Msg } from '@nats-io/transport-node';
import { headerBlock, headerValue } from './header-block.ts';

const headerName = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,20}$/);
const headerText = fc.stringMatching(/^[!-~]([ -~]{0,40}[!-~])?$/);
const headerList = fc.uniqueArray(fc.tuple(headerName, headerText), { selector: ([name]) => name, maxLength: 8 });

function blockOf(headers: readonly (readonly [string, string])[]): string {
  return `NATS/1.0\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
}

/** A message as nats-core hands it over: a view into the bytes that came before it. */
function received(before: string, block: string, body: string): Msg {
  const bytes = Buffer.from(before + block + body, 'latin1');
  const own = new Uint8Array(bytes.length);
  own.set(bytes);
  const data = own.subarray(before.length + block.length);
  const parsed = block === '' ? undefined : { toString: () => 'parsed' };
  return { data, headers: parsed } as unknown as Msg;
}

describe('headerBlock', () => {
  it('is the text between the protocol line and the body', () => {
    fc.assert(
      fc.property(headerList, fc.string(), (headers, body) => {
        const block = blockOf(headers);
        const line = `HMSG _INBOX.x.1 1 ${block.length} ${block.length + body.length}\r\n`;
        const earlier = `HMSG a 1 12 16\r\nNATS/1.0\r\n\r\nbody\r\n`;
        expect(headerBlock(received(line, block, body))).toBe(block);
        expect(headerBlock(received(earlier + line, block, body))).toBe(block);
        expect(headerBlock(received('', block, body))).toBe(block);
      }),
    );
  });

  it('is not led astray by a value that looks like its beginning', () => {
    const block = blockOf([
      ['a', 'NATS/1.0'],
      ['b', 'x NATS/1.0'],
    ]);
    expect(headerBlock(received('HMSG x 1 2 3\r\n', block, 'NATS/1.0\r\n\r\n'))).toBe(block);
  });

  it('is empty for a message without headers', () => {
    fc.assert(
      fc.property(fc.string(), (body) => {
        const line = `MSG NATS/1.0 1 ${body.length}\r\n`;
        expect(headerBlock(received(line, '', body))).toBe('');
        expect(headerBlock(received('', '', body))).toBe('');
      }),
    );
  });

  it('comes from the parsed headers where the bytes do not lie before the body', () => {
    const msg = received('', blockOf([['a', 'b']]), 'body');
    const moved = { ...msg, data: Uint8Array.from(msg.data) } as Msg;
    expect(headerBlock(moved)).toBe('parsed');
  });
});

describe('headerValue', () => {
  it('finds every header by its name, and no other', () => {
    fc.assert(
      fc.property(headerList, headerName, (headers, other) => {
        const block = blockOf(headers);
        for (const [name, value] of headers) expect(headerValue(block, name)).toBe(value);
        if (!headers.some(([name]) => name === other)) expect(headerValue(block, other)).toBeUndefined();
      }),
    );
  });

  it('takes no name for another that begins or ends like it, or stands in a value', () => {
    const block = blockOf([
      ['Annals-Time-Zone', 'a'],
      ['X-Annals-Time', 'b'],
      ['note', 'Annals-Time: c'],
      ['Annals-Time', 'd'],
    ]);
    expect(headerValue(block, 'Annals-Time')).toBe('d');
  });

  it('finds nothing in a message without headers', () => expect(headerValue('', 'Annals-Time')).toBeUndefined());
});

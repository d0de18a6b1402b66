import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { CHAIN_START, SALT_BYTES, bodyDigest, chainLink, fillSalt } from '../index.ts';

describe('the hash chain', () => {
  const salt = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex');
  const body = Buffer.from('{"type":"user.created"}');

  it('begins with 32 zero bytes', () => {
    expect(Buffer.from(CHAIN_START, 'base64url')).toEqual(Buffer.alloc(32));
  });

  // Computed with sha256sum and basenc over the same bytes, not with this code.
  it('has the links that coreutils compute', () => {
    const digest = bodyDigest(Buffer.concat([salt, body]));
    expect(digest).toBe('dO54LUV-ER3R2Qa0kpJ02MRkl_ba3u72yD1L_Npt7Ok');
    const first = chainLink(CHAIN_START, 'evt.acme.user.user-123.1.user.created', digest);
    expect(first).toBe('3xXzM1xYjPWxJFjqTdsNT4vz124nVAJbb4_QPm0LS7g');
    expect(chainLink(first, 'evt.acme.user.user-123.2.user.created', digest)).toBe(
      'nA06RvNLJ-JK36XAdn49y6DToIXgj4sDAGhDprddnQ0',
    );
  });

  it('has for any body and subject the link that its formula says', () => {
    const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(bytes, fc.string({ unit: 'binary' }), fc.uint8Array(), (previous, subject, salted) => {
        const digest = sha256(salted);
        const expected = sha256(Buffer.concat([previous, sha256(Buffer.from(subject)), digest]));
        expect(bodyDigest(salted)).toBe(digest.toString('base64url'));
        const link = chainLink(Buffer.from(previous).toString('base64url'), subject, bodyDigest(salted));
        expect(link).toBe(expected.toString('base64url'));
      }),
    );
  });

  it('changes with the previous link, the subject, the salt and the body', () => {
    const links = [
      chainLink(CHAIN_START, 'a', bodyDigest(Buffer.concat([salt, body]))),
      chainLink(sha256(body).toString('base64url'), 'a', bodyDigest(Buffer.concat([salt, body]))),
      chainLink(CHAIN_START, 'b', bodyDigest(Buffer.concat([salt, body]))),
      chainLink(CHAIN_START, 'a', bodyDigest(Buffer.concat([Buffer.alloc(16), body]))),
      chainLink(CHAIN_START, 'a', bodyDigest(Buffer.concat([salt, Buffer.from('{}')]))),
    ];
    expect(new Set(links).size).toBe(links.length);
  });
});

describe('fillSalt', () => {
  it('fills the first 16 bytes with random ones that never repeat, and no more', () => {
    const salts = Array.from({ length: 2_000 }, () => {
      const target = Buffer.alloc(SALT_BYTES + 4, 0xff);
      fillSalt(target);
      expect(target.subarray(SALT_BYTES)).toEqual(Buffer.alloc(4, 0xff));
      return target.toString('hex', 0, SALT_BYTES);
    });
    expect(new Set(salts).size).toBe(2_000);
  });
});

function sha256(data: Uint8Array): Buffer {
  return createHash('sha256').update(data).digest();
}

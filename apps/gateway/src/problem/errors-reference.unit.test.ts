import { readFileSync } from 'node:fs';
import { ERROR_CODES } from '@annals/core';
import { PROBLEM_CODES } from '@annals/contract';
import { PROBLEM_STATUS, RETRY_AFTER_SECONDS } from './problem-status.ts';

interface Row {
  readonly code: string;
  readonly status: number;
  readonly cells: readonly string[];
}

const page = readFileSync(new URL('../../../../docs/reference/errors.md', import.meta.url), 'utf8');

/** The rows of the tables below a heading. */
function rowsBelow(heading: string): readonly Row[] {
  const section = page.split(/^## /m).find((part) => part.startsWith(heading))!;
  return section.split('\n').flatMap((line) => {
    const cells = line
      .split('|')
      .map((cell) => cell.trim())
      .slice(1, -1);
    const code = /^`([a-z-]+)`$/.exec(cells[0] ?? '')?.[1];
    if (code === undefined) return [];
    return [{ code, status: Number(cells.find((cell) => /^\d{3}$/.test(cell))), cells }];
  });
}

describe('docs/reference/errors.md', () => {
  const ofStore = rowsBelow('Of the store');
  const ofHttp = rowsBelow('Of HTTP');

  it('has every code once and no other, those of the store apart from those of HTTP', () => {
    expect(ofStore.map(({ code }) => code).sort()).toEqual([...ERROR_CODES].sort());
    const rest = PROBLEM_CODES.filter((code) => !(ERROR_CODES as readonly string[]).includes(code));
    expect(ofHttp.map(({ code }) => code).sort()).toEqual(rest.sort());
  });

  it('tells the status that the gateway answers with', () => {
    const statuses = Object.fromEntries([...ofStore, ...ofHttp].map(({ code, status }) => [code, status]));
    expect(statuses).toEqual(PROBLEM_STATUS);
  });

  it('says of every code what happened and what to do', () => {
    for (const { cells } of [...ofStore, ...ofHttp]) {
      for (const cell of cells.slice(-2)) expect(cell).toMatch(/^[A-Z`].*\.$/);
    }
  });

  it('calls worth another try what is answered with a short Retry-After, and only that', () => {
    for (const { code, cells } of [...ofStore, ...ofHttp]) {
      const seconds = RETRY_AFTER_SECONDS[code as keyof typeof RETRY_AFTER_SECONDS];
      expect({ code, again: cells.includes('yes') }).toEqual({ code, again: seconds !== undefined && seconds <= 2 });
    }
  });
});

describe('the problem codes', () => {
  it('have a Retry-After exactly where the status is 503', () => {
    for (const code of PROBLEM_CODES) {
      expect({ code, retry: RETRY_AFTER_SECONDS[code] !== undefined }).toEqual({
        code,
        retry: PROBLEM_STATUS[code] === 503,
      });
    }
  });
});

import { isProblem, isProblemCode, PROBLEM_CODES, PROBLEM_TITLES, problemType } from '../index.ts';

describe('problem documents', () => {
  it('has a title of its own for every code', () => {
    const titles = Object.values(PROBLEM_TITLES);
    expect(new Set(titles).size).toBe(titles.length);
    for (const title of titles) expect(title).toMatch(/^[A-Z].*[^.]$/);
  });

  it('writes codes as lower-case words joined by hyphens, so that they stand in a type URI', () => {
    for (const code of PROBLEM_CODES) expect(problemType(code)).toMatch(/^urn:annals:problem:[a-z]+(-[a-z]+)*$/);
  });

  it('knows its own codes and no property of objects', () => {
    expect(isProblemCode('concurrency-conflict')).toBe(true);
    for (const other of ['toString', '__proto__', '', 'no-such-code', 1, undefined]) {
      expect(isProblemCode(other)).toBe(false);
    }
  });

  it('tells a problem document from other bodies', () => {
    expect(isProblem({ code: 'not-found', status: 404, title: 'There is no such route' })).toBe(true);
    for (const other of [null, 'text', [], { status: 404 }, { code: 'x', status: '404', title: 't' }]) {
      expect(isProblem(other)).toBe(false);
    }
  });
});

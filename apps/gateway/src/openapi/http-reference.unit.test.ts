import { readFileSync } from 'node:fs';
import { type InMemoryGateway, startInMemoryGateway } from '../bootstrap/in-memory-gateway.spec-support.ts';

const page = readFileSync(new URL('../../../../docs/reference/http-api.md', import.meta.url), 'utf8');

describe('docs/reference/http-api.md', () => {
  let gateway: InMemoryGateway;

  beforeAll(async () => {
    gateway = await startInMemoryGateway();
  });

  afterAll(() => gateway.stop());

  it('lists every route that the OpenAPI document has, and no other', async () => {
    const [intro] = page.split(/^## /m);
    const listed = [...intro!.matchAll(/`(GET|POST|PUT|PATCH|DELETE) (\/[^`]+)`/g)].map(
      ([, method, path]) => `${method} ${path!.replaceAll(/:(\w+)/g, '{$1}')}`,
    );
    const { paths } = (await gateway.get('/openapi.json')).body as { paths: Record<string, object> };
    const described = Object.entries(paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect([...new Set(listed)].sort()).toEqual(described.sort());
  });

  it('lists every metric of the gateway, and no other', async () => {
    const listed = [...page.matchAll(/^\| `(annals_\w+)`/gm)].map(([, name]) => name!);
    const { text } = await gateway.get('/metrics');
    const told = [...text.matchAll(/^# TYPE (annals_\w+)/gm)].map(([, name]) => name!);
    expect(listed.sort()).toEqual(told.sort());
  });

  it('leads to sections that are there', () => {
    const anchors = new Set(
      [...page.matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
        title!
          .toLowerCase()
          .replaceAll(/[^\w\- ]/g, '')
          .replaceAll(' ', '-'),
      ),
    );
    for (const [, anchor] of page.matchAll(/\]\(#([^)]+)\)/g)) expect([...anchors]).toContain(anchor);
  });
});

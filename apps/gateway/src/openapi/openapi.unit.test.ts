import { PROBLEM_CODES } from '@annals/contract';
import { type InMemoryGateway, startInMemoryGateway } from '../bootstrap/in-memory-gateway.spec-support.ts';

type Json = { readonly [key: string]: Json } & readonly Json[];

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
}

describe('the OpenAPI document', () => {
  let gateway: InMemoryGateway;
  let document: Json;

  beforeAll(async () => {
    gateway = await startInMemoryGateway();
    document = (await gateway.get('/openapi.json')).body as Json;
  });

  afterAll(() => gateway.stop());

  it('is of version 3.1 and has every route once', () => {
    expect(document['openapi']).toBe('3.1.0');
    const routes = Object.entries(document['paths']!).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(routes.sort()).toEqual([
      'DELETE /events/dead-letters/{subscription}/{stream}/{sequence}',
      'DELETE /events/projections/{name}',
      'DELETE /events/snapshots/{type}/{id}',
      'DELETE /events/subscriptions/{name}',
      'GET /events/aggregate',
      'GET /events/aggregate/diff',
      'GET /events/aggregate/state',
      'GET /events/dead-letters',
      'GET /events/dead-letters/{subscription}/{stream}/{sequence}',
      'GET /events/history',
      'GET /events/live',
      'GET /events/processes',
      'GET /events/processes/{name}',
      'GET /events/processes/{name}/instances',
      'GET /events/processes/{name}/instances/{key}',
      'GET /events/projections',
      'GET /events/projections/{name}',
      'GET /events/replay',
      'GET /events/replays',
      'GET /events/replays/{id}',
      'GET /events/schema-versions',
      'GET /events/snapshots',
      'GET /events/snapshots/{type}/{id}',
      'GET /events/stats',
      'GET /events/subscriptions',
      'GET /events/subscriptions/{name}',
      'GET /events/ws',
      'GET /health/live',
      'GET /health/ready',
      'GET /metrics',
      'POST /events',
      'POST /events/dead-letters/purge',
      'POST /events/dead-letters/redrive',
      'POST /events/dead-letters/{subscription}/{stream}/{sequence}/redrive',
      'POST /events/processes/{name}/instances/{key}/end',
      'POST /events/projections/{name}/pause',
      'POST /events/projections/{name}/rebuild',
      'POST /events/projections/{name}/resume',
      'POST /events/replay',
      'POST /events/replays/{id}/cancel',
      'POST /events/replays/{id}/pause',
      'POST /events/replays/{id}/resume',
      'POST /events/snapshots/{type}/{id}',
      'POST /events/streams/{id}/reconstruct',
      'POST /events/subscriptions',
      'POST /events/subscriptions/{name}/pause',
      'POST /events/subscriptions/{name}/resume',
      'POST /events/subscriptions/{name}/rewind',
    ]);
  });

  it('refers to nothing that it does not hold', () => {
    const refs = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref!);
    expect(refs.length).toBeGreaterThan(10);
    for (const ref of new Set(refs)) {
      const found = ref
        .slice(2)
        .split('/')
        .reduce<Json | undefined>((node, key) => node?.[key], document);
      expect({ ref, found: found !== undefined }).toEqual({ ref, found: true });
    }
  });

  it('gives every operation an id of its own, a summary and its answers', () => {
    const operations = Object.values(document['paths']!).flatMap((item) => Object.values(item)) as Json[];
    const ids = operations.map((operation) => operation['operationId']);
    expect(new Set(ids).size).toBe(operations.length);
    for (const operation of operations) {
      expect(operation['summary']).toEqual(expect.any(String));
      expect(operation['tags']).toHaveLength(1);
      expect(Object.keys(operation['responses']!).length).toBeGreaterThan(0);
    }
  });

  it('lists the parameters of the list routes, and the codes of problems', () => {
    const parameters = document['paths']!['/events/history']!['get']!['parameters'] as unknown as { name: string }[];
    expect(parameters.map(({ name }) => name).sort()).toEqual([
      'aggregateId',
      'aggregateType',
      'cursor',
      'eventType',
      'eventTypes',
      'fromTimestamp',
      'fromVersion',
      'limit',
      'order',
      'recordedFrom',
      'recordedTo',
      'tenantId',
      'toTimestamp',
      'toVersion',
    ]);
    const schemas = document['components']!['schemas']!;
    expect(schemas['ProblemSchema']!['properties']!['code']!['enum']).toEqual(PROBLEM_CODES);
  });

  it('has every part of a path as a parameter that must be given', () => {
    for (const [path, item] of Object.entries(document['paths']!)) {
      const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
      for (const operation of Object.values(item) as Json[]) {
        const parameters = (operation['parameters'] ?? []) as unknown as Parameter[];
        const required = parameters.filter((parameter) => parameter.in === 'path' && parameter.required);
        expect({ path, required: required.map(({ name }) => name) }).toEqual({ path, required: names });
      }
    }
  });

  it('says what the query of a WebSocket takes', () => {
    const parameters = document['paths']!['/events/ws']!['get']!['parameters'] as unknown as Parameter[];
    expect(parameters.map(({ in: place, name }) => `${place} ${name}`)).toEqual([
      'query tenantId',
      'query userId',
      'header X-User-Id',
    ]);
  });

  it('is shown at /docs with nothing fetched from elsewhere', async () => {
    const page = await gateway.get('/docs');
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    expect(page.text).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    const files = [...page.text.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, file]) => file!);
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) expect((await gateway.get(`/${file}`)).status).toBe(200);
    expect((await gateway.get('/docs/swagger-ui-init.js')).text).toContain('"openapi": "3.1.0"');
  });
});

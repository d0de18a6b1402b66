import { type InMemoryGateway, startInMemoryGateway } from '../bootstrap/in-memory-gateway.spec-support.ts';

describe('POST /events', () => {
  let gateway: InMemoryGateway;
  let ids = 0;

  beforeAll(async () => {
    gateway = await startInMemoryGateway();
  });

  afterAll(() => gateway.stop());

  /** An event of an aggregate that no other test uses. */
  const userCreated = (fields: object = {}): Record<string, unknown> => ({
    type: 'user.created',
    data: { name: 'Ada' },
    aggregateType: 'user',
    aggregateId: `user-${++ids}`,
    ...fields,
  });

  describe('with If-Match or If-None-Match', () => {
    it('appends at the version in the tag', async () => {
      const event = userCreated();
      await gateway.post('/events', event, { 'if-none-match': '*' });
      for (const [tag, version] of [
        ['"1"', 2],
        ['W/"2"', 3],
        ['*', 4],
      ] as const) {
        const answer = await gateway.post('/events', event, { 'if-match': tag });
        expect(answer).toMatchObject({ status: 201, body: { events: [{ version }] } });
      }
    });

    it.each([
      [{ 'if-match': '"5"' }, 5],
      [{ 'if-none-match': '*' }, 'none'],
    ])('answers 412 with both versions where %j does not hold', async (headers, expectedVersion) => {
      const event = userCreated();
      await gateway.post('/events', event);
      const answer = await gateway.post('/events', event, headers);
      expect(answer).toMatchObject({
        status: 412,
        body: { code: 'precondition-failed', expectedVersion, actualVersion: 1 },
      });
    });

    it('answers 412 for If-Match: * on an aggregate without events', async () => {
      const answer = await gateway.post('/events', userCreated(), { 'if-match': '*' });
      expect(answer).toMatchObject({ status: 412, body: { expectedVersion: 'exists', actualVersion: 0 } });
    });

    it.each([
      ['several aggregates', () => ({ events: [userCreated(), userCreated()] })],
      ['no aggregate', () => ({ type: 'system.noticed', data: 1 })],
    ])('answers 400 for events of %s', async (_, body) => {
      const answer = await gateway.post('/events', body(), { 'if-match': '"0"' });
      expect(answer).toMatchObject({ status: 400, body: { code: 'validation-failed' } });
    });

    it.each(['1', '"x"', '"1", "2"', '"-1"', '"01"', '"9007199254740992"', '""'])(
      'answers 400 for the tag %s',
      async (tag) => {
        const answer = await gateway.post('/events', userCreated(), { 'if-match': tag });
        expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: 'If-Match' }] } });
      },
    );

    it('answers 400 where the body expects something else', async () => {
      const answer = await gateway.post('/events', userCreated({ expectedVersion: 1 }), { 'if-match': '"2"' });
      expect(answer).toMatchObject({ status: 400, body: { code: 'validation-failed' } });
      const agreed = await gateway.post('/events', userCreated({ expectedVersion: 0 }), { 'if-none-match': '*' });
      expect(agreed.status).toBe(201);
    });

    it('answers 400 for both headers together, and for If-None-Match with a version', async () => {
      const both = { 'if-match': '*', 'if-none-match': '*' };
      expect((await gateway.post('/events', userCreated(), both)).status).toBe(400);
      expect((await gateway.post('/events', userCreated(), { 'if-none-match': '"1"' })).status).toBe(400);
    });
  });

  describe('with Idempotency-Key', () => {
    it('answers a repetition with 200 and the first result', async () => {
      const event = userCreated();
      const first = await gateway.post('/events', event, { 'idempotency-key': 'key-1' });
      const second = await gateway.post('/events', event, { 'idempotency-key': 'key-1' });
      expect([first.status, second.status]).toEqual([201, 200]);
      expect(second.body).toEqual(first.body);
    });

    it('answers 422 for other content', async () => {
      await gateway.post('/events', userCreated(), { 'idempotency-key': 'key-2' });
      const answer = await gateway.post('/events', userCreated(), { 'idempotency-key': 'key-2' });
      expect(answer).toMatchObject({ status: 422, body: { code: 'idempotency-key-reused' } });
    });

    it('answers 400 for a key that is too long', async () => {
      const answer = await gateway.post('/events', userCreated(), { 'idempotency-key': 'k'.repeat(201) });
      expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: 'Idempotency-Key' }] } });
    });
  });

  it('answers a repetition with the same message ids with 200', async () => {
    const event = userCreated({ messageId: `given-${ids}`, expectedVersion: 0 });
    const first = await gateway.post('/events', event);
    const second = await gateway.post('/events', event);
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(second.body).toEqual(first.body);
  });
});

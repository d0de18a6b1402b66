import { type InMemoryGateway, startInMemoryGateway } from '../bootstrap/in-memory-gateway.spec-support.ts';

describe('POST /events', () => {
  let gateway: InMemoryGateway;

  beforeAll(async () => {
    gateway = await startInMemoryGateway();
  });

  afterAll(() => gateway.stop());

  it('stores one event and answers with its id, version and position', async () => {
    const event = { type: 'user.created', data: { name: 'Ada' }, aggregateType: 'user', aggregateId: 'one' };
    const answer = await gateway.post('/events', event);
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      events: [
        {
          id: expect.stringMatching(/^[0-9A-HJKMNP-TV-Z]{26}$/),
          type: 'user.created',
          aggregateType: 'user',
          aggregateId: 'one',
          version: 1,
          position: { stream: 'EVENTS', sequence: expect.any(Number) },
          recordedAt: expect.stringMatching(/^\d{4}-.*Z$/),
        },
      ],
    });
    const history = await gateway.get('/events/history?aggregateId=one&aggregateType=user');
    expect(history.status).toBe(200);
  });
});

import { parseDelivery } from './delivery.ts';

describe('parseDelivery', () => {
  it('reads the form without domain', () => {
    expect(parseDelivery('$JS.ACK.EVENTS.c1.3.12.7.1795214919859013948.100008')).toEqual({
      deliveries: 3,
      sequence: 12,
      consumerSequence: 7,
      recordedAtNs: '1795214919859013948',
      pending: 100_008,
    });
  });

  it.each([
    '$JS.ACK.hub.ACCOUNT.EVENTS.c1.3.12.7.1795214919859013948.100008',
    '$JS.ACK._.ACCOUNT.EVENTS.c1.3.12.7.1795214919859013948.100008.random',
  ])('reads the form with domain and account: %s', (reply) => {
    expect(parseDelivery(reply)).toEqual({
      deliveries: 3,
      sequence: 12,
      consumerSequence: 7,
      recordedAtNs: '1795214919859013948',
      pending: 100_008,
    });
  });

  it.each([undefined, '', '_INBOX.x.y', '$JS.ACK.', '$JS.FC.EVENTS.c1', '$JS.ACK.EVENTS.c1.1'])(
    'takes %j for no delivery',
    (reply) => expect(parseDelivery(reply)).toBeUndefined(),
  );
});

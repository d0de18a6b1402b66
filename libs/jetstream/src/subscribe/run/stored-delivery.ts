import type { Msg } from '@nats-io/transport-node';
import { headerBlock } from '../../header/header-block.ts';
import { recordedTime } from '../../read/recorded-time.ts';
import type { StoredMessage } from '../../read/stored-message.ts';
import type { Delivery } from '../../scan/delivery.ts';

/** A delivered message as the stream holds it. */
export function storedDelivery(stream: string, msg: Msg, delivery: Delivery): StoredMessage {
  const { data } = msg;
  return {
    stream,
    sequence: delivery.sequence,
    subject: msg.subject,
    recordedAt: recordedTime(delivery.recordedAtNs),
    headers: headerBlock(msg, data),
    body: data,
  };
}

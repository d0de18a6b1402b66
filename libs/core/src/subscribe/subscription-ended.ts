/**
 * Thrown by what stands between a subscription and its handler: the event is not to be settled, and the subscription is to
 * end in this process with the error.
 */
export class SubscriptionEnded {
  constructor(readonly error: Error) {}
}

export { describeEventStore, type EventStoreFactory } from './describe-event-store.ts';
export { describeDeadLetters } from './dead-letter/describe-dead-letters.ts';
export { describeFollow } from './live/describe-follow.ts';
export { describeSnapshots } from './snapshot/describe-snapshots.ts';
export { describeSubscriptions } from './subscribe/describe-subscriptions.ts';

export { describeEventStore, type EventStoreFactory } from './describe-event-store.ts';
export { describeAggregates } from './aggregate/describe-aggregates.ts';
export { describeDeadLetters } from './dead-letter/describe-dead-letters.ts';
export { describeFollow } from './live/describe-follow.ts';
export { describeReplayJobs } from './replay/describe-replay-jobs.ts';
export { type ReplayStoreFactory } from './replay/replay-context.ts';
export { describeSnapshots } from './snapshot/describe-snapshots.ts';
export { describeUpcasting, type UpcastingStoreFactory } from './upcast/describe-upcasting.ts';
export { describeSubscriptions } from './subscribe/describe-subscriptions.ts';

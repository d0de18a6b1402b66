export { describeEventStore, type EventStoreFactory } from './describe-event-store.ts';
export { describeFollow } from './describe-follow.ts';

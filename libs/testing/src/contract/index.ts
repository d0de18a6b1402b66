export { describeEventStore, type EventStoreFactory } from './describe-event-store.ts';

export { type JetStreamStoreOptions } from './store/store-options.ts';

import { describeSnapshots } from '../contract/snapshot/describe-snapshots.ts';
import { createInMemoryStore } from './in-memory-store.ts';

describeSnapshots('the in-memory store', { open: () => Promise.resolve(createInMemoryStore()) });

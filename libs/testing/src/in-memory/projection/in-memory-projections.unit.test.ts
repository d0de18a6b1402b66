import { describeProjections } from '../../contract/projection/describe-projections.ts';
import { createInMemoryStore } from '../in-memory-store.ts';

describeProjections('The in-memory store', { open: async () => createInMemoryStore(), sharesData: false });

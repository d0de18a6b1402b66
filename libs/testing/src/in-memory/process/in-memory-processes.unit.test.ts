import { describeProcesses } from '../../contract/index.ts';
import { createInMemoryStore } from '../../index.ts';

describeProcesses('The in-memory store', { open: async () => createInMemoryStore() });

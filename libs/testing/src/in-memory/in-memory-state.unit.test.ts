import { createInMemoryStore } from '../index.ts';
import { describeAggregates, describeUpcasting } from '../contract/index.ts';

describeAggregates('The in-memory store', { open: async () => createInMemoryStore() });
describeUpcasting('The in-memory store', {
  open: async (replaySinks, replayRegistry) => createInMemoryStore({ replaySinks, replayRegistry }),
});

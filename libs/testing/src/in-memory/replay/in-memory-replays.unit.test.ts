import { createInMemoryStore } from '../../index.ts';
import { describeReplayJobs } from '../../contract/index.ts';

describeReplayJobs('The in-memory store', {
  open: async (replaySinks) => createInMemoryStore({ replaySinks }),
});

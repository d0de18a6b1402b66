import type { Arena } from './arena.ts';

/** For what needs no server. */
export const BARE_ARENA: Arena = {
  place: { natsUrls: [], replicas: 1, postgresPool: 0 },
  nats: undefined,
  pids: () => [],
  open: async () => {},
  stop: async () => {},
};

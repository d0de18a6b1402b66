import type { SyncInterval } from '@annals/tools/nats-server';

/** Which servers a workload runs on. */
export type ModeName = 'r1' | 'r1-always' | 'r3' | 'r3-always';

/** A way to run nats-server, and PostgreSQL at the same durability beside it. */
export interface ServerMode {
  readonly name: ModeName;
  /** As the report calls it. */
  readonly title: string;
  readonly servers: 1 | 3;
  readonly syncInterval: SyncInterval;
  /** `on`: an acknowledgement means fsync, as `sync_interval: always` does. */
  readonly synchronousCommit: 'on' | 'off';
}

/** All modes, in the order of the report. */
export const MODES: Readonly<Record<ModeName, ServerMode>> = {
  r1: { name: 'r1', title: 'R1', servers: 1, syncInterval: 'default', synchronousCommit: 'off' },
  'r1-always': { name: 'r1-always', title: 'R1 `always`', servers: 1, syncInterval: 'always', synchronousCommit: 'on' },
  r3: { name: 'r3', title: 'R3', servers: 3, syncInterval: 'default', synchronousCommit: 'off' },
  'r3-always': { name: 'r3-always', title: 'R3 `always`', servers: 3, syncInterval: 'always', synchronousCommit: 'on' },
};

export const MODE_NAMES = Object.keys(MODES) as readonly ModeName[];

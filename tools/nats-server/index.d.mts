/** How the server was found: `named` by NATS_SERVER_BINARY, on the `path`, in the `cache`, as an official `release`, or in a `debian` package. */
export type Origin = 'named' | 'path' | 'cache' | 'release' | 'debian';

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Ended after this; 60,000 by default. */
  readonly timeoutMs?: number | undefined;
}

export type RunCommand = (command: string, args: readonly string[], options?: RunOptions) => Promise<CommandResult>;

/** Everything has a default; the outside world comes in as arguments, so that each way can be tested. */
export interface ProvisionOptions {
  /** Default `process.env`. Read are NATS_SERVER_BINARY, PATH, ANNALS_CACHE_DIR, XDG_CACHE_HOME, NATS_SERVER_DOWNLOAD_URL. */
  readonly env?: NodeJS.ProcessEnv;
  /** Where fetched servers are kept; by default `ANNALS_CACHE_DIR`, else `$XDG_CACHE_HOME/annals`, else `~/.cache/annals`. */
  readonly cacheDir?: string;
  /** Base of the release files; by default NATS_SERVER_DOWNLOAD_URL, else the project's releases. */
  readonly downloadUrl?: string;
  /** Release to fetch; default `PINNED_VERSION`. */
  readonly version?: string;
  /** Oldest version that is taken; default `MINIMUM_VERSION`. */
  readonly minimumVersion?: string;
  /** A download is given up when nothing arrives for this long; default 10,000. */
  readonly timeoutMs?: number;
  /** Told what takes time and what is passed over; silent by default. */
  readonly log?: (line: string) => void;
  readonly platform?: NodeJS.Platform;
  readonly arch?: string;
  readonly run?: RunCommand;
  readonly fetch?: typeof globalThis.fetch;
  /** Default `/etc/apt`. */
  readonly aptRoot?: string;
  /** Default `/etc/os-release`. */
  readonly osReleaseFile?: string;
}

export type ProvisionContext = Required<ProvisionOptions>;

export type WayOutcome =
  | { readonly found: true; readonly path: string; readonly version: string }
  | { readonly found: false; readonly reason: string };

export interface FailedAttempt {
  readonly origin: Origin;
  readonly reason: string;
}

export interface ProvisionedNatsServer {
  /** Absolute path of the program. */
  readonly path: string;
  readonly version: string;
  readonly origin: Origin;
}

/** 2.14.4: older servers lose messages of atomic batches. */
export const MINIMUM_VERSION: string;
/** The release that is fetched when the machine has none. */
export const PINNED_VERSION: string;

/**
 * Finds a nats-server that is new enough, or fetches one: NATS_SERVER_BINARY, the PATH, the cache, the official release
 * (checksum verified), on Debian the package of a newer suite (signature checked by apt). Safe to run in several
 * processes at once.
 *
 * @throws NatsServerUnavailable with every way tried and its reason
 * @throws NatsServerTooOld when NATS_SERVER_BINARY names one that cannot be used
 * @throws ChecksumMismatch when a release is not what its publisher lists
 * @example
 * const { path } = await provisionNatsServer({ log: console.log });
 */
export function provisionNatsServer(options?: ProvisionOptions): Promise<ProvisionedNatsServer>;

export class NatsServerUnavailable extends Error {
  readonly code: 'NATS_SERVER_UNAVAILABLE';
  readonly attempts: readonly FailedAttempt[];
  constructor(minimumVersion: string, attempts: readonly FailedAttempt[]);
}

export class NatsServerTooOld extends Error {
  readonly code: 'NATS_SERVER_TOO_OLD';
}

/** `always`: an acknowledged message is on disk (fsync). `default`: flushed every two minutes, as the server comes. */
export type SyncInterval = 'always' | 'default';

export interface LaunchOptions {
  /** Program to run; by default what `provisionNatsServer` finds. */
  readonly binary?: string;
  /** Holds the configuration, the log and JetStream's files; made when missing. Kept when the server stops. */
  readonly dataDir: string;
  /** 0 or absent: a free one. */
  readonly port?: number;
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** Default `default`. */
  readonly syncInterval?: SyncInterval;
  /** Name of the server; default `annals`. In a cluster it is the server's identity. */
  readonly name?: string;
  /** Monitoring port: 0 for a free one; absent: none. */
  readonly httpPort?: number;
  /** Makes the server a member of a cluster; see `launchNatsCluster`. */
  readonly cluster?: { readonly name: string; readonly port: number; readonly routes: readonly string[] };
  /** Limit of JetStream's file storage, for tests of a full store. */
  readonly maxFileStoreBytes?: number;
  /** Largest message; default the server's, 1 MiB. */
  readonly maxPayloadBytes?: number;
  /** Lines added to the end of the configuration file. */
  readonly extraConfig?: string;
  /** Environment of the program, for example GOMEMLIMIT; added to `process.env`. */
  readonly env?: NodeJS.ProcessEnv;
  /** How long a start may take; default 30,000. */
  readonly startTimeoutMs?: number;
}

export interface ServerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * A nats-server that this process started. It runs in a process group of its own (Ctrl-C does not reach it) and is
 * stopped when this process ends in whatever way. It does not keep this process alive.
 */
export interface RunningNatsServer {
  readonly name: string;
  readonly host: string;
  /** Stays the same over `kill` and `start`. */
  readonly port: number;
  /** `nats://127.0.0.1:4222` */
  readonly url: string;
  /** Monitoring, where `httpPort` was given. */
  readonly httpUrl: string | undefined;
  readonly dataDir: string;
  readonly configFile: string;
  readonly logFile: string;
  /** Undefined while it does not run. */
  readonly pid: number | undefined;
  readonly running: boolean;
  /** How the current process ended, or the last one if none runs. */
  readonly exited: Promise<ServerExit>;
  /** Starts it again on the same port and data; resolves when it takes connections. Does nothing when it runs. */
  start(): Promise<void>;
  /** Ends it in order (SIGTERM, after `timeoutMs`, 10,000 by default, SIGKILL); resolves when it is gone. */
  stop(timeoutMs?: number): Promise<void>;
  /** Sends a signal, SIGKILL by default. Resolves when it is gone, for SIGSTOP, SIGCONT and the like at once. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** The end of its log. */
  logTail(lines?: number): string;
}

/**
 * Starts a nats-server with JetStream; resolves when it takes connections.
 *
 * @throws NatsServerStartFailed with the end of its log
 * @example
 * const server = await launchNatsServer({ dataDir });
 * await server.kill('SIGKILL');
 * await server.start(); // same port, same data
 * await server.stop();
 */
export function launchNatsServer(options: LaunchOptions): Promise<RunningNatsServer>;

export interface ClusterOptions extends Pick<
  LaunchOptions,
  | 'binary'
  | 'host'
  | 'syncInterval'
  | 'maxFileStoreBytes'
  | 'maxPayloadBytes'
  | 'extraConfig'
  | 'env'
  | 'startTimeoutMs'
> {
  /** Each server has a directory of its name below it. */
  readonly dataDir: string;
  /** Default 3. */
  readonly size?: number;
  /** Name of the cluster; servers are `<name>-1` and so on. Default `annals`. */
  readonly name?: string;
}

export interface RunningNatsCluster {
  readonly name: string;
  readonly servers: readonly RunningNatsServer[];
  /** Client addresses of all servers, for the `servers` option of a client. */
  readonly urls: readonly string[];
  /** Name of the server that leads JetStream's meta group, as the running servers see it. */
  metaLeader(): Promise<string | undefined>;
  /** Resolves when all running servers agree on a meta leader, all of them are current, and their streams are caught up. */
  waitUntilHealthy(timeoutMs?: number): Promise<void>;
  /** Stops all servers; data stay. */
  stop(): Promise<void>;
}

/**
 * Starts a cluster on loopback; resolves when it has a meta leader and all members are current, so that a stream with
 * replicas can be created at once. Each server can be killed and started again by itself.
 *
 * @throws NatsServerStartFailed
 * @example
 * const cluster = await launchNatsCluster({ dataDir });
 * const connection = await connect({ servers: [...cluster.urls] });
 * await cluster.servers[0].kill();
 * await cluster.servers[0].start();
 * await cluster.waitUntilHealthy();
 */
export function launchNatsCluster(options: ClusterOptions): Promise<RunningNatsCluster>;

/** A server did not come up; the message has the end of its log. */
export class NatsServerStartFailed extends Error {
  readonly code: 'NATS_SERVER_START_FAILED';
  /** The port was taken by another program. */
  readonly portTaken: boolean;
}

/**
 * A port that nothing listens on, below the range that the system gives to outgoing connections: a client that keeps
 * reconnecting to a dead server can otherwise be given the server's port, or even connect to itself.
 *
 * @param preferred is returned when it is free
 */
export function findFreePort(options?: { readonly host?: string; readonly preferred?: number }): Promise<number>;

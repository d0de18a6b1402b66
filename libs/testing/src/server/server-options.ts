import type { ClusterOptions, LaunchOptions } from '@annals/tools/nats-server';

/** How a server for specs runs. Everything has a default. */
export interface NatsServerOptions extends Pick<
  LaunchOptions,
  'port' | 'syncInterval' | 'name' | 'maxFileStoreBytes' | 'maxPayloadBytes' | 'extraConfig' | 'httpPort'
> {
  /** Where its data go. Kept at `stop` where it is given; a temporary directory, which is removed, where it is not. */
  readonly dataDir?: string;
}

/** How a cluster for specs runs. Everything has a default. */
export interface NatsClusterOptions extends Pick<
  ClusterOptions,
  'size' | 'syncInterval' | 'name' | 'maxFileStoreBytes' | 'maxPayloadBytes' | 'extraConfig'
> {
  /** Where its data go; as in {@link NatsServerOptions}. */
  readonly dataDir?: string;
}

/** What this gateway does for replays beside starting and steering them. */
export interface ReplayConfig {
  /** False: another process drives them. */
  readonly drive: boolean;
  /** Where replays write files; undefined: they write none. */
  readonly fileDirectory: string | undefined;
  readonly webhook: {
    /** Signs every request. */
    readonly secret: string | undefined;
    readonly allowPrivateAddresses: boolean;
    /** Hosts that may be at private addresses, in lower case. */
    readonly allowedHosts: readonly string[];
  };
}

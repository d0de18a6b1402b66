import { type Logger, ProvisioningRefused } from '@annals/core';
import type { JetStreamManager, StreamInfo } from '@nats-io/jetstream';
import { JETSTREAM_CODE } from '../error/jetstream-codes.ts';
import { streamInfo } from '../provision/existing-streams.ts';
import { hasCode, provisioningFailure } from '../provision/provisioning-failure.ts';
import type { ProvisioningMode } from '../provision/provision-streams.ts';
import { type KeptStreamConfig, keptStreamDifferences } from './kept-stream-config.ts';

export interface KeptStreamOptions {
  readonly jsm: JetStreamManager;
  /** `'apply'` unless given. */
  readonly provisioning?: ProvisioningMode | undefined;
  readonly logger: Logger;
}

/** Several processes may make the stream at once: whoever loses a race looks again. */
const ATTEMPTS = 10;

/** A stream that is made when something is first written to it, by whichever process comes first. */
export class KeptStream {
  private ready: Promise<void> | undefined;
  private seen = false;

  constructor(
    readonly config: KeptStreamConfig,
    private readonly options: KeptStreamOptions,
  ) {}

  get name(): string {
    return this.config.name;
  }

  /**
   * Sees to it that the stream is there as it has to be. Repeating it costs nothing.
   *
   * @throws ProvisioningRefused when what is there would lose letters, or making it is not allowed; StoreUnavailable
   */
  ensure(): Promise<void> {
    this.ready ??= this.provision().catch((error: unknown) => {
      this.ready = undefined;
      throw provisioningFailure(error, this.name, this.config.num_replicas);
    });
    return this.ready;
  }

  /** True once there is a stream to read. @throws StoreUnavailable, ProvisioningRefused */
  async exists(): Promise<boolean> {
    if (this.seen) return true;
    try {
      this.seen = (await streamInfo(this.options.jsm, this.name)) !== undefined;
    } catch (error) {
      throw provisioningFailure(error, this.name, this.config.num_replicas);
    }
    return this.seen;
  }

  /** The stream does not answer: somebody may have removed it. */
  forget(): void {
    this.ready = undefined;
    this.seen = false;
  }

  private async provision(): Promise<void> {
    const { jsm, logger } = this.options;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const info = await streamInfo(jsm, this.name);
      if (!info) {
        await this.create();
        continue;
      }
      const changes = this.changes(info);
      this.seen = true;
      if (changes === undefined) return;
      await jsm.streams.update(this.name, changes);
      logger.info(`stream ${this.name} updated`, { stream: this.name, settings: Object.keys(changes) });
    }
    throw this.refusal('another process changes or removes the stream again and again. See who does.');
  }

  private async create(): Promise<void> {
    const { jsm, provisioning, logger } = this.options;
    if (provisioning === 'verify') {
      throw this.refusal(
        "make the stream (docs/reference/wire-contract.md tells how), or open the store in mode 'apply' once.",
      );
    }
    try {
      await jsm.streams.add({ ...this.config });
      logger.info(`stream ${this.name} created`, { stream: this.name, replicas: this.config.num_replicas });
    } catch (error) {
      // Somebody else made it at this moment, with other settings.
      if (!hasCode(error, JETSTREAM_CODE.nameInUse)) throw error;
    }
  }

  /** What to change; undefined when nothing may be or need be. @throws ProvisioningRefused */
  private changes(info: StreamInfo): Partial<KeptStreamConfig> | undefined {
    const { provisioning, logger } = this.options;
    const differences = keptStreamDifferences(info.config, this.config);
    const inTheWay = differences.filter(
      ({ severity }) => severity === 'dangerous' || (severity === 'needed' && provisioning === 'verify'),
    );
    if (inTheWay.length > 0) throw new ProvisioningRefused(inTheWay);
    if (differences.length === 0) return undefined;
    if (provisioning === 'verify') {
      logger.warn(`stream ${this.name} is not as advised`, { stream: this.name, differences });
      return undefined;
    }
    return Object.assign({}, ...differences.map(({ change }) => change)) as Partial<KeptStreamConfig>;
  }

  private refusal(wayOut: string): ProvisioningRefused {
    return new ProvisioningRefused([
      { stream: this.name, setting: 'stream', found: undefined, wanted: this.name, wayOut },
    ]);
  }
}

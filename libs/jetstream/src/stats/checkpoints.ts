import type { Logger } from '@annals/core';
import type { NatsConnection } from '@nats-io/transport-node';
import { STATS_BUCKET, checkpointKey } from '../bucket/bucket-names.ts';
import { Bucket, CONFLICT } from '../bucket/bucket.ts';
import { KeptDocument, type ReadDocument } from '../bucket/document.ts';
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from './checkpoint.ts';

/** Keeps the checkpoint of one stream for all processes. */
export class Checkpoints {
  private readonly document: KeptDocument;
  private known: ReadDocument = { state: 'absent', revision: 0 };

  constructor(
    nc: NatsConnection,
    private readonly stream: string,
    private readonly logger: Logger,
    replicas: number | undefined,
  ) {
    const bucket = new Bucket(nc, STATS_BUCKET, { replicas, description: 'Annals: how far statistics have counted' });
    this.document = new KeptDocument(nc, bucket, checkpointKey(stream));
  }

  /** The newest one that any process kept; undefined when there is none that can be read. @throws StoreUnavailable */
  async load(): Promise<Checkpoint | undefined> {
    this.known = await this.document.read();
    if (this.known.state === 'absent') return undefined;
    const checkpoint = this.known.state === 'found' ? decodeCheckpoint(this.known.value) : undefined;
    if (!checkpoint) this.logger.warn(`statistics of stream ${this.stream}: the checkpoint is damaged, counting anew`);
    return checkpoint;
  }

  /** Keeps a checkpoint, unless another process kept one that is as far. @throws StoreUnavailable */
  async save(checkpoint: Checkpoint): Promise<void> {
    const value = encodeCheckpoint(checkpoint);
    for (let attempt = 0; attempt < 3; attempt++) {
      const written = await this.document.write(value, this.known);
      if (written !== CONFLICT) {
        this.known = written;
        return;
      }
      const theirs = await this.load();
      if (theirs?.created === checkpoint.created && theirs.position >= checkpoint.position) return;
    }
  }
}

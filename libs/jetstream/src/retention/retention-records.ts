import { type Logger, StoreUnavailable } from '@annals/core';
import type { NatsConnection } from '@nats-io/transport-node';
import { Bucket, CONFLICT } from '../bucket/bucket.ts';
import { RETENTION_BUCKET, retentionRecordKey } from '../bucket/bucket-names.ts';
import { KeptDocument, type ReadDocument } from '../bucket/document.ts';
import { type RetentionRecord, decodeRecord, encodeRecord } from './retention-record.ts';

/** A record as it was read, for a later write. */
export interface KeptRecord {
  readonly record: RetentionRecord | undefined;
  readonly document: ReadDocument;
}

export interface RetentionRecordsOptions {
  readonly nc: NatsConnection;
  /** Copies of the bucket; 1 unless given. */
  readonly replicas?: number | undefined;
  readonly logger: Logger;
}

/** Tells what retention took from the streams, so that a missing beginning can be told from damage. */
export class RetentionRecords {
  readonly bucket: Bucket;
  private readonly taken = new Set<string>();
  private readonly documents = new Map<string, KeptDocument>();
  /** The record of the document that was read last, so that an unchanged one is decoded once. */
  private readonly decoded = new Map<string, KeptRecord>();

  constructor(private readonly options: RetentionRecordsOptions) {
    this.bucket = new Bucket(options.nc, RETENTION_BUCKET, {
      replicas: options.replicas,
      description: 'Annals: what retention removed',
    });
  }

  /**
   * True from before the first event of the stream is taken, and for ever after. Costs a request to the bucket's leader
   * as long as nothing was taken, then nothing.
   *
   * @throws StoreUnavailable
   */
  async hasTaken(stream: string): Promise<boolean> {
    if (this.taken.has(stream)) return true;
    const record = await this.of(stream);
    if (!record || record.highestRemoved === 0) return false;
    this.taken.add(stream);
    return true;
  }

  /**
   * What retention removed from a stream as the leader knows it; undefined when it never did.
   *
   * @throws StoreUnavailable
   */
  async of(stream: string): Promise<RetentionRecord | undefined> {
    return (await this.read(stream)).record;
  }

  /** The record and what is needed to replace it. @throws StoreUnavailable also when the record is damaged */
  async read(stream: string): Promise<KeptRecord> {
    const document = await this.document(stream).read();
    if (document.state === 'absent') return { record: undefined, document };
    const last = this.decoded.get(stream);
    if (last?.document === document) return last;
    const record = document.state === 'found' ? decodeRecord(document.value) : undefined;
    if (record) {
      const kept = { record, document };
      this.decoded.set(stream, kept);
      return kept;
    }
    this.options.logger.error(`the retention record of stream ${stream} cannot be read`, { stream });
    throw new StoreUnavailable(`the record ${retentionRecordKey(stream)} of bucket ${RETENTION_BUCKET} is damaged`);
  }

  /** Replaces a record that was read. @throws StoreUnavailable */
  async write(stream: string, record: RetentionRecord, kept: KeptRecord): Promise<KeptRecord | typeof CONFLICT> {
    const document = await this.document(stream).write(encodeRecord(record), kept.document);
    return document === CONFLICT ? CONFLICT : { record, document };
  }

  private document(stream: string): KeptDocument {
    let document = this.documents.get(stream);
    if (!document) {
      document = new KeptDocument(this.options.nc, this.bucket, retentionRecordKey(stream));
      this.documents.set(stream, document);
    }
    return document;
  }
}

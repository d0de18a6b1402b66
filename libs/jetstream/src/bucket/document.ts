import { type NatsConnection, nuid } from '@nats-io/transport-node';
import { type Bucket, CONFLICT } from './bucket.ts';
import { partKey } from './bucket-names.ts';
import { type DocumentHead, decodeHead, digestOf, encodeHead, packDocument, unpackDocument } from './document-codec.ts';

/** A document as it was read, or that there is none, or that what is there cannot be read. */
export type ReadDocument = { readonly revision: number; readonly parts?: DocumentHead['parts'] } & (
  | { readonly state: 'found'; readonly value: unknown }
  | { readonly state: 'absent' }
  | { readonly state: 'damaged'; readonly reason: string }
);

/** Parts that no head names are left by a writer that died; those younger than this may still get one. */
const ORPHAN_MS = 60 * 60_000;
/** A bucket's message is at most 1 MiB, by default. */
const MAX_PART_BYTES = 512 * 1024;

/**
 * One JSON document of any size in a bucket, changed by compare-and-swap: compressed, and cut in parts where it does not
 * fit one message. A reader sees a whole document or finds it damaged.
 */
export class KeptDocument {
  private last: ReadDocument | undefined;

  constructor(
    private readonly nc: NatsConnection,
    private readonly bucket: Bucket,
    readonly key: string,
    private readonly maxPartBytes: number = MAX_PART_BYTES,
  ) {}

  /** @throws StoreUnavailable */
  async read(): Promise<ReadDocument> {
    for (;;) {
      const document = await this.readOnce();
      if (document.state !== 'damaged') return document;
      // Its parts go away when it is replaced: damage counts only while the head stays the same.
      const now = await this.bucket.get(this.key);
      if ((now?.revision ?? 0) === document.revision) return document;
    }
  }

  /**
   * Replaces what was read.
   *
   * @param previous what {@link read} or the last `write` gave
   * @returns what to give to the next `write`, or that somebody else changed the document since
   * @throws StoreUnavailable
   */
  async write(value: unknown, previous: ReadDocument): Promise<ReadDocument | typeof CONFLICT> {
    const packed = await packDocument(value);
    const limit = Math.min(this.maxPartBytes, Math.floor((this.nc.info?.max_payload ?? MAX_PART_BYTES) / 2));
    const parts = packed.length > limit ? await this.writeParts(packed, limit) : undefined;
    const head: DocumentHead = { format: 1, digest: digestOf(packed), ...(parts && { parts }) };
    const revision = await this.bucket.put(this.key, encodeHead(head, packed), previous.revision);
    if (revision === CONFLICT) {
      await this.removeParts(parts);
      return CONFLICT;
    }
    await this.removeParts(previous.parts);
    if (parts) await this.removeOrphans(parts.id);
    return { state: 'found', revision, value, ...(parts && { parts }) };
  }

  /** Removes the document with its parts, whoever wrote it last. @param previous what {@link read} gave */
  async remove(previous: ReadDocument): Promise<void> {
    await this.bucket.remove(this.key);
    await this.removeParts(previous.parts);
  }

  private async readOnce(): Promise<ReadDocument> {
    const entry = await this.bucket.get(this.key);
    if (!entry) return { state: 'absent', revision: 0 };
    const { revision } = entry;
    if (this.last?.state === 'found' && this.last.revision === revision) return this.last;
    const decoded = decodeHead(entry.value);
    if (!decoded) return { state: 'damaged', revision, reason: 'it has no head' };
    const { head } = decoded;
    const parts = head.parts && { parts: head.parts };
    const packed = head.parts ? await this.readParts(head.parts) : decoded.packed;
    if (!packed) return { state: 'damaged', revision, ...parts, reason: 'a part is missing' };
    try {
      const value = await unpackDocument(packed, head.digest);
      return (this.last = { state: 'found', revision, ...parts, value });
    } catch (error) {
      return { state: 'damaged', revision, ...parts, reason: (error as Error).message };
    }
  }

  private async readParts({ id, count }: NonNullable<DocumentHead['parts']>): Promise<Buffer | undefined> {
    const chunks: Uint8Array[] = [];
    for (let i = 0; i < count; i++) {
      const entry = await this.bucket.get(partKey(this.key, id, i));
      if (!entry) return undefined;
      chunks.push(entry.value);
    }
    return Buffer.concat(chunks);
  }

  private async writeParts(packed: Buffer, limit: number): Promise<NonNullable<DocumentHead['parts']>> {
    const id = `${Date.now().toString(36)}-${nuid.next()}`;
    const count = Math.ceil(packed.length / limit);
    for (let i = 0; i < count; i++) {
      await this.bucket.put(partKey(this.key, id, i), packed.subarray(i * limit, (i + 1) * limit), 0);
    }
    return { id, count };
  }

  private async removeParts(parts: DocumentHead['parts']): Promise<void> {
    for (let i = 0; i < (parts?.count ?? 0); i++) await this.bucket.remove(partKey(this.key, parts!.id, i));
  }

  private async removeOrphans(currentId: string): Promise<void> {
    const before = Date.now() - ORPHAN_MS;
    for (const key of await this.bucket.keys(`${this.key}.part.>`)) {
      const id = key.slice(`${this.key}.part.`.length).split('.')[0]!;
      if (id !== currentId && Number.parseInt(id.split('-')[0]!, 36) < before) await this.bucket.remove(key);
    }
  }
}

import { ValidationError } from '../error/validation-error.ts';
import type { DocumentContext } from './document-sink.ts';

const MAX_KEY_BYTES = 200;

/** Collects what a batch of events changes in documents, for a sink that then keeps all of it at once. */
export class DocumentChanges implements DocumentContext {
  /** By key: the new JSON, or undefined for a document that is removed. */
  readonly changed = new Map<string, string | undefined>();

  /** @param read the kept JSON of a document */
  constructor(
    private readonly read: (key: string) => Promise<string | undefined>,
    /** Called after each change with its key, to stop a batch that grows too large. */
    private readonly onChange: (changed: ReadonlyMap<string, string | undefined>, key: string) => void = () => {},
  ) {}

  async get<T = unknown>(key: string): Promise<T | undefined> {
    checkDocumentKey(key);
    const json = this.changed.has(key) ? this.changed.get(key) : await this.read(key);
    return json === undefined ? undefined : (JSON.parse(json) as T);
  }

  put(key: string, value: unknown): void {
    checkDocumentKey(key);
    this.changed.set(key, documentJson(key, value));
    this.onChange(this.changed, key);
  }

  delete(key: string): void {
    checkDocumentKey(key);
    this.changed.set(key, undefined);
    this.onChange(this.changed, key);
  }
}

/** @throws ValidationError */
export function checkDocumentKey(key: string): void {
  const isGood = typeof key === 'string' && key.length > 0 && new TextEncoder().encode(key).length <= MAX_KEY_BYTES;
  if (!isGood) throw new ValidationError([{ path: 'key', message: `must be text of 1 to ${MAX_KEY_BYTES} bytes` }]);
}

function documentJson(key: string, value: unknown): string {
  let json: string | undefined;
  try {
    json = JSON.stringify(value);
  } catch (error) {
    throw new ValidationError([{ path: `document ${key}`, message: `is no JSON: ${(error as Error).message}` }]);
  }
  if (json === undefined) throw new ValidationError([{ path: `document ${key}`, message: 'is no JSON' }]);
  return json;
}

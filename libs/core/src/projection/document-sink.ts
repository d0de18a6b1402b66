import type { ProjectionSink } from './projection-sink.ts';

/** What a projection into documents writes with. Values are JSON; changes are seen by later events of the same batch. */
export interface DocumentContext {
  /** The document, or undefined. A value of its own: changing it changes nothing that is kept. */
  get<T = unknown>(key: string): Promise<T | undefined>;
  /**
   * Replaces the document.
   *
   * @throws ValidationError for a key that is empty or longer than 200 bytes, or a value that is no JSON
   */
  put(key: string, value: unknown): void;
  /** Removes the document; harmless when there is none. */
  delete(key: string): void;
}

/** The documents of one projection, as readers use them. */
export interface ReadModel<T = unknown> {
  /** The document of the generation in use, or undefined. @throws StoreUnavailable */
  get(key: string): Promise<T | undefined>;
}

/** Documents by key, kept beside the log: a read model for which a service needs no database. */
export interface DocumentSink extends ProjectionSink<DocumentContext> {
  /** @param name of the projection that writes it */
  readModel<T = unknown>(name: string): ReadModel<T>;
}

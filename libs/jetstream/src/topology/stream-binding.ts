/** A JetStream stream of the store, with the subjects that are its own. */
export interface StreamBinding {
  /** Name of the stream, for example `EVENTS`. */
  readonly name: string;
  /** First token of its events' subjects: `evt` for `EVENTS`, `evt-<name>` for others. */
  readonly prefix: string;
  /** First tokens of its idempotency markers' subjects: `idem.<name>`. */
  readonly idempotencyPrefix: string;
  /** All subjects that the stream takes. */
  readonly subjects: readonly string[];
  /** True for the stream of all aggregate types that no other stream names, and of events without aggregate. */
  readonly isDefault: boolean;
  /** The aggregate types that have this stream to themselves; empty for the default stream. */
  readonly aggregateTypes: readonly string[];
}

/** The one stream whose prefix is plain `evt`. Storage name: changing it is a migration. */
const PLAIN_STREAM = 'EVENTS';

/**
 * A stream's subject prefix follows from its name alone, so a stream keeps its subjects when it changes between default
 * and dedicated. Each needs a prefix of its own because JetStream refuses streams whose subjects overlap.
 */
export function prefixOfStream(name: string): string {
  return name === PLAIN_STREAM ? 'evt' : `evt-${name}`;
}

/** The stream that a subject prefix belongs to, or undefined when it is none of the store's. */
export function streamOfPrefix(prefix: string): string | undefined {
  if (prefix === 'evt') return PLAIN_STREAM;
  const name = prefix.startsWith('evt-') ? prefix.slice('evt-'.length) : '';
  return name === '' || name === PLAIN_STREAM ? undefined : name;
}

/** Builds the binding of one stream. */
export function bindStream(
  name: string,
  options: { isDefault: boolean; aggregateTypes: readonly string[] },
): StreamBinding {
  const prefix = prefixOfStream(name);
  const idempotencyPrefix = `idem.${name}`;
  return {
    name,
    prefix,
    idempotencyPrefix,
    subjects: [`${prefix}.>`, `${idempotencyPrefix}.>`],
    isDefault: options.isDefault,
    aggregateTypes: [...options.aggregateTypes],
  };
}

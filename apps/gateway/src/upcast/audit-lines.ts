import type { SchemaVersionBody, SchemaVersionsLine, SchemaVersionsResponse } from '@annals/contract';
import { type EventStore, type SchemaVersionAudit, type StoredSchemaVersion, auditSchemaVersions } from '@annals/core';
import type { StateModule } from '../state/state-module.ts';

/**
 * An audit as lines: that it has begun, how far it is, at last what it found. So whoever waits for it hears of it, however
 * long the log is.
 *
 * @throws what reading throws, and the signal's reason
 */
export async function* auditLines(
  store: EventStore,
  { registry }: StateModule,
  tenantId: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<SchemaVersionsLine, void, undefined> {
  yield { read: 0 };
  const left = new AbortController();
  let read = 0;
  let tell: (() => void) | undefined;
  const onProgress = (events: number): void => {
    read = events;
    tell?.();
  };
  const options = { tenantId, onProgress, signal: AbortSignal.any([signal, left.signal]) };
  const audit = auditSchemaVersions(store, registry, options);
  try {
    for (let told = 0; ; told = read) {
      if (read > told) yield { read };
      const progress = new Promise<undefined>((resolve) => (tell = () => resolve(undefined)));
      const done = await Promise.race([audit, progress]);
      if (done) return yield auditBody(done);
    }
  } finally {
    left.abort(new Error('nobody waits for the audit'));
    await audit.catch(() => undefined);
  }
}

/** An audit as the gateway answers with it. */
export function auditBody({ events, complete, versions }: SchemaVersionAudit): SchemaVersionsResponse {
  return { events, complete, versions: versions.map(versionBody) };
}

function versionBody({ currentVersion, ...version }: StoredSchemaVersion): SchemaVersionBody {
  return { ...version, ...(currentVersion !== undefined && { currentVersion }) };
}

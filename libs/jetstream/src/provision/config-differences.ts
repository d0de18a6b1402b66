import type { StreamDifference } from '@annals/core';
import type { StreamConfig, StreamUpdateConfig } from '@nats-io/jetstream';
import { METADATA, WIRE_FORMAT } from './stream-metadata.ts';
import { MAX_CONSUMERS } from './wanted-config.ts';

/**
 * - `dangerous`: events could be lost or never arrive; only an operator may touch it.
 * - `needed`: the store does not work without it, and setting it harms nothing.
 * - `advised`: the store works without it, and setting it harms nothing.
 */
export type Severity = 'dangerous' | 'needed' | 'advised';

export interface ConfigDifference extends StreamDifference {
  readonly severity: Severity;
  /** The change that resolves it; absent where it is dangerous. */
  readonly change?: Partial<StreamUpdateConfig>;
}

type Found = Readonly<StreamConfig>;
type Wanted = Partial<StreamConfig> & { readonly name: string };
type Finding = Omit<ConfigDifference, 'stream'> | undefined;

/**
 * Compares a stream as it is with how it has to be. What has no bearing on events (placement, republish, description,
 * further metadata) is the operator's business and not compared.
 *
 * @param replicasGiven false when the caller leaves the number of replicas to whoever set up the stream
 */
export function configDifferences(found: Found, wanted: Wanted, replicasGiven: boolean): readonly ConfigDifference[] {
  const findings: readonly Finding[] = [
    ...limits(found),
    ...shape(found, wanted),
    ...locks(found),
    subjects(found, wanted),
    ...features(found, wanted),
    replicasGiven ? replicas(found, wanted) : undefined,
    ...identity(found, wanted),
  ];
  return findings.flatMap((finding) => (finding ? [{ stream: wanted.name, ...finding }] : []));
}

function limits(found: Found): readonly Finding[] {
  return (['max_age', 'max_msgs', 'max_bytes', 'max_msgs_per_subject', 'max_msg_size'] as const).map((setting) =>
    found[setting] > 0
      ? dangerous(
          setting,
          found[setting],
          'no limit',
          'a limit drops or refuses events. Keep it off here (nats stream edit) and use the retention sweep instead.',
        )
      : undefined,
  );
}

function shape(found: Found, wanted: Wanted): readonly Finding[] {
  const moveAway = 'the server cannot change it. Make a new stream and copy the events, or take another stream name.';
  return [
    differs('retention', found.retention, wanted.retention, moveAway),
    differs('storage', found.storage, wanted.storage, moveAway),
    present('mirror', found.mirror, 'a mirror takes no appends. Connect to the server that has the origin.'),
    present('sources', found.sources, 'messages of other streams would mix with the events. Remove the sources.'),
    present('subject_transform', found.subject_transform, 'subjects would not be what was appended. Remove it.'),
    present('sealed', found.sealed, 'a sealed stream takes no appends and stays sealed. Take another stream name.'),
    present('allow_msg_counter', found.allow_msg_counter, moveAway),
    found.persist_mode === 'async'
      ? dangerous('persist_mode', 'async', 'default', `an acknowledgement would mean nothing, and ${moveAway}`)
      : undefined,
    present('discard_new_per_subject', found.discard_new_per_subject, 'appends would be refused. Switch it off.'),
    (found.subject_delete_marker_ttl ?? 0) > 0
      ? dangerous(
          'subject_delete_marker_ttl',
          found.subject_delete_marker_ttl,
          'absent',
          'delete markers break the check of expected versions. Switch it off, and look for markers that already stand.',
        )
      : undefined,
  ];
}

function locks(found: Found): readonly Finding[] {
  const wayOut = 'redaction and retention need it off, and the server does not switch it off again. Make a new stream.';
  return [present('deny_delete', found.deny_delete, wayOut), present('deny_purge', found.deny_purge, wayOut)];
}

function subjects(found: Found, wanted: Wanted): Finding {
  const has = found.subjects ?? [];
  const wants = wanted.subjects ?? [];
  const foreign = has.filter((subject) => !wants.includes(subject));
  if (foreign.length > 0) {
    return dangerous('subjects', has, wants, 'other messages would mix with the events. Take another stream name.');
  }
  if (wants.every((subject) => has.includes(subject))) return undefined;
  return fixable('needed', 'subjects', has, wants, { subjects: [...wants] });
}

function features(found: Found, wanted: Wanted): readonly Finding[] {
  return [
    flag('needed', 'allow_direct', found, true),
    flag('needed', 'allow_atomic', found, true),
    flag('needed', 'allow_msg_ttl', found, true),
    flag('advised', 'allow_batched', found, true),
    flag('needed', 'no_ack', found, false),
    flag('needed', 'allow_rollup_hdrs', found, false),
    found.discard === wanted.discard
      ? undefined
      : fixable('needed', 'discard', found.discard, wanted.discard, { discard: wanted.discard! }),
    found.consumer_limits && Object.keys(found.consumer_limits).length > 0
      ? fixable('needed', 'consumer_limits', found.consumer_limits, {}, { consumer_limits: {} })
      : undefined,
    found.compression === wanted.compression
      ? undefined
      : fixable('advised', 'compression', found.compression, wanted.compression, { compression: wanted.compression! }),
    found.duplicate_window === wanted.duplicate_window
      ? undefined
      : fixable('advised', 'duplicate_window', found.duplicate_window, wanted.duplicate_window, {
          duplicate_window: wanted.duplicate_window!,
        }),
    found.max_consumers >= MAX_CONSUMERS
      ? undefined
      : fixable('advised', 'max_consumers', found.max_consumers, MAX_CONSUMERS, {
          // The server updates it (2.15.1, seen); the client's type says only that it can be set at creation.
          max_consumers: MAX_CONSUMERS,
        } as Partial<StreamUpdateConfig>),
  ];
}

function replicas(found: Found, wanted: Wanted): Finding {
  const wants = wanted.num_replicas ?? 1;
  if (found.num_replicas === wants) return undefined;
  if (found.num_replicas < wants) {
    return fixable('needed', 'num_replicas', found.num_replicas, wants, { num_replicas: wants });
  }
  return dangerous(
    'num_replicas',
    found.num_replicas,
    wants,
    `copies of the events would be dropped. Ask for ${found.num_replicas} replicas, or lower them by hand (nats stream edit).`,
  );
}

function identity(found: Found, wanted: Wanted): readonly Finding[] {
  const has = found.metadata ?? {};
  const wants = wanted.metadata ?? {};
  const format = has[METADATA.format];
  const store = has[METADATA.store];
  const missing = Object.entries(wants).filter(([key, value]) => has[key] !== value);
  return [
    format !== undefined && format !== WIRE_FORMAT
      ? dangerous('wire format', format, WIRE_FORMAT, 'another version of Annals wrote this stream. Use that version.')
      : undefined,
    store !== undefined && store !== wants[METADATA.store]
      ? dangerous(
          'store',
          store,
          wants[METADATA.store],
          'the stream belongs to a store with another default stream. Use that default stream, or another stream name.',
        )
      : undefined,
    missing.length > 0
      ? fixable('advised', 'metadata', pick(has, wants), wants, { metadata: { ...has, ...wants } })
      : undefined,
  ];
}

function dangerous(setting: string, found: unknown, wanted: unknown, wayOut: string): Finding {
  return { severity: 'dangerous', setting, found, wanted, wayOut };
}

function fixable(
  severity: 'needed' | 'advised',
  setting: string,
  found: unknown,
  wanted: unknown,
  change: Partial<StreamUpdateConfig>,
): Finding {
  const wayOut = 'set it (nats stream edit), or let the store set it by opening it with the right to change streams.';
  return { severity, setting, found, wanted, wayOut, change };
}

function differs(setting: string, found: unknown, wanted: unknown, wayOut: string): Finding {
  return found === wanted ? undefined : dangerous(setting, found, wanted, wayOut);
}

function present(setting: string, found: unknown, wayOut: string): Finding {
  const absent =
    found === undefined || found === null || found === false || (Array.isArray(found) && found.length === 0);
  return absent ? undefined : dangerous(setting, found, 'absent', wayOut);
}

function flag(
  severity: 'needed' | 'advised',
  setting: 'allow_direct' | 'allow_atomic' | 'allow_msg_ttl' | 'allow_batched' | 'no_ack' | 'allow_rollup_hdrs',
  found: Found,
  wanted: boolean,
): Finding {
  const has = found[setting] ?? false;
  return has === wanted ? undefined : fixable(severity, setting, has, wanted, { [setting]: wanted });
}

function pick(from: Readonly<Record<string, string>>, keys: object): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(from).filter(([key]) => key in keys));
}

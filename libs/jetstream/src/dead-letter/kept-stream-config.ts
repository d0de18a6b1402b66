import { DiscardPolicy, RetentionPolicy, StorageType, StoreCompression, type StreamConfig } from '@nats-io/jetstream';
import type { ConfigDifference } from '../provision/config-differences.ts';
import { METADATA, WIRE_FORMAT } from '../provision/stream-metadata.ts';
import { MAX_CONSUMERS } from '../provision/wanted-config.ts';
import {
  DEAD_LETTER_STREAM,
  DEAD_LETTER_SUBJECTS,
  REDELIVERY_STREAM,
  REDELIVERY_SUBJECTS,
} from '../subscribe/subscription-names.ts';

/** A stream beside the events, with what matters of its settings. */
export type KeptStreamConfig = Partial<StreamConfig> &
  Pick<StreamConfig, 'name' | 'subjects' | 'num_replicas' | 'retention' | 'max_msgs_per_subject' | 'discard'>;

/** One message a subject: a letter that comes back after a redrive replaces its predecessor. */
export function deadLetterStreamConfig(replicas: number): KeptStreamConfig {
  return {
    ...shared(replicas),
    name: DEAD_LETTER_STREAM,
    description: 'Annals: events that subscriptions gave up on',
    subjects: [...DEAD_LETTER_SUBJECTS],
    retention: RetentionPolicy.Limits,
    max_msgs_per_subject: 1,
    discard: DiscardPolicy.Old,
  };
}

/** A work queue: what a subscription has taken and settled is gone. */
export function redeliveryStreamConfig(replicas: number): KeptStreamConfig {
  return {
    ...shared(replicas),
    name: REDELIVERY_STREAM,
    description: 'Annals: events that wait to be handed to a subscription again',
    subjects: [...REDELIVERY_SUBJECTS],
    retention: RetentionPolicy.Workqueue,
    max_msgs_per_subject: -1,
    discard: DiscardPolicy.New,
  };
}

function shared(replicas: number): Partial<StreamConfig> & Pick<StreamConfig, 'num_replicas'> {
  return {
    storage: StorageType.File,
    max_msgs: -1,
    max_bytes: -1,
    max_age: 0,
    max_msg_size: -1,
    max_consumers: MAX_CONSUMERS,
    num_replicas: replicas,
    compression: StoreCompression.S2,
    allow_direct: true,
    metadata: { [METADATA.format]: WIRE_FORMAT },
  };
}

type Found = Readonly<StreamConfig>;
type Difference = Omit<ConfigDifference, 'stream'>;

const REMAKE =
  'the server cannot change it. Handle or purge what the stream holds, remove it, and let the store make it anew.';
const LIMIT =
  'a limit drops what waits to be handled, or refuses it. Switch it off (nats stream edit), and purge by hand.';

/** Compares a stream as it is with how it has to be. Placement, republish and further metadata are the operator's business. */
export function keptStreamDifferences(found: Found, wanted: KeptStreamConfig): readonly ConfigDifference[] {
  const findings = [...fixed(found, wanted), ...limits(found), ...adjustable(found, wanted)];
  return findings.map((finding) => ({ stream: wanted.name, ...finding }));
}

function fixed(found: Found, wanted: KeptStreamConfig): readonly Difference[] {
  const differences: Difference[] = [];
  const refuse = (setting: string, has: unknown, wants: unknown, wayOut: string): void => {
    differences.push({ severity: 'dangerous', setting, found: has, wanted: wants, wayOut });
  };
  if (found.retention !== wanted.retention) refuse('retention', found.retention, wanted.retention, REMAKE);
  if (found.storage !== wanted.storage) refuse('storage', found.storage, wanted.storage, REMAKE);
  for (const setting of ['mirror', 'sources', 'subject_transform', 'sealed', 'deny_delete', 'deny_purge'] as const) {
    const value = found[setting];
    const isSet = Array.isArray(value) ? value.length > 0 : Boolean(value);
    if (isSet) refuse(setting, value, 'absent', REMAKE);
  }
  if (found.persist_mode === 'async') refuse('persist_mode', 'async', 'default', REMAKE);
  const format = found.metadata?.[METADATA.format];
  if (format !== undefined && format !== WIRE_FORMAT) {
    refuse('wire format', format, WIRE_FORMAT, 'another version of Annals wrote this stream. Use that version.');
  }
  const foreign = (found.subjects ?? []).filter((subject) => !wanted.subjects.includes(subject));
  if (foreign.length > 0) {
    refuse('subjects', found.subjects, wanted.subjects, 'other messages would mix in. Move them to another stream.');
  }
  return differences;
}

function limits(found: Found): readonly Difference[] {
  return (['max_age', 'max_msgs', 'max_bytes', 'max_msg_size'] as const).flatMap((setting) =>
    found[setting] > 0
      ? [{ severity: 'dangerous', setting, found: found[setting], wanted: 'no limit', wayOut: LIMIT } as const]
      : [],
  );
}

function adjustable(found: Found, wanted: KeptStreamConfig): readonly Difference[] {
  const differences: Difference[] = [];
  const adjust = <Setting extends keyof StreamConfig>(
    setting: Setting,
    wants: StreamConfig[Setting],
    severity: 'needed' | 'advised' = 'needed',
  ): void => {
    const wayOut = 'set it (nats stream edit), or let the store set it by opening it with the right to change streams.';
    const change = { [setting]: wants };
    differences.push({ severity, setting, found: found[setting], wanted: wants, wayOut, change });
  };
  if (!wanted.subjects.every((subject) => found.subjects?.includes(subject))) adjust('subjects', wanted.subjects);
  if (found.max_msgs_per_subject !== wanted.max_msgs_per_subject) {
    adjust('max_msgs_per_subject', wanted.max_msgs_per_subject);
  }
  if (found.discard_new_per_subject) adjust('discard_new_per_subject', false);
  if (found.discard !== wanted.discard) adjust('discard', wanted.discard);
  if (!found.allow_direct) adjust('allow_direct', true);
  if (found.no_ack) adjust('no_ack', false);
  if (found.num_replicas < wanted.num_replicas) adjust('num_replicas', wanted.num_replicas, 'advised');
  if (found.compression !== StoreCompression.S2) adjust('compression', StoreCompression.S2, 'advised');
  if (found.max_consumers < MAX_CONSUMERS) adjust('max_consumers', MAX_CONSUMERS, 'advised');
  return differences;
}

import { MisplacedAggregateType, ProvisioningRefused, type Logger } from '@annals/core';
import type { JetStreamManager, StreamInfo } from '@nats-io/jetstream';
import { JETSTREAM_CODE } from '../error/jetstream-codes.ts';
import type { StreamBinding } from '../topology/stream-binding.ts';
import type { Topology } from '../topology/topology.ts';
import { type ConfigDifference, configDifferences } from './config-differences.ts';
import { listStreams, streamInfo } from './existing-streams.ts';
import { misplacedTypes } from './misplaced-types.ts';
import { hasCode, provisioningFailure } from './provisioning-failure.ts';
import { wantedConfig } from './wanted-config.ts';

/**
 * - `apply`: streams are made, and what is safe to change is changed.
 * - `verify`: nothing is touched; what the store cannot do without must be there already.
 */
export type ProvisioningMode = 'apply' | 'verify';

export interface ProvisionOptions {
  /** Copies of every stream; unless given 1 for new streams, and existing ones keep what they have. */
  readonly replicas?: number | undefined;
  /** `'apply'` unless given. */
  readonly mode?: ProvisioningMode | undefined;
  readonly logger: Logger;
}

/** What became of one stream. */
export interface ProvisionedStream {
  readonly name: string;
  readonly outcome: 'created' | 'updated' | 'unchanged';
}

/** Several processes may provision at once: whoever loses a race looks again. */
const ATTEMPTS = 10;

/**
 * Sees to it that every stream of the topology is there as the store needs it. Repeating it changes nothing, also by
 * several processes at once. All streams are looked at before one is touched.
 *
 * @throws ProvisioningRefused with every difference that stands in the way; MisplacedAggregateType; StoreUnavailable
 */
export async function provisionStreams(
  jsm: JetStreamManager,
  topology: Topology,
  options: ProvisionOptions,
): Promise<readonly ProvisionedStream[]> {
  const { bindings, defaultBinding } = topology;
  const replicas = options.replicas ?? 1;
  try {
    const existing = await listStreams(jsm, topology);
    const inTheWay = bindings.flatMap((binding) => obstacles(binding, topology, existing.get(binding.name), options));
    if (inTheWay.length > 0) throw new ProvisioningRefused(inTheWay);
    const misplaced = await misplacedTypes(jsm, topology, [...existing.values()]);
    if (misplaced.length > 0) throw new MisplacedAggregateType(misplaced);
  } catch (error) {
    throw provisioningFailure(error, defaultBinding.name, replicas);
  }
  const outcomes: ProvisionedStream[] = [];
  for (const binding of bindings) {
    outcomes.push({ name: binding.name, outcome: await provisionStream(jsm, topology, binding, options) });
  }
  return outcomes;
}

async function provisionStream(
  jsm: JetStreamManager,
  topology: Topology,
  binding: StreamBinding,
  options: ProvisionOptions,
): Promise<ProvisionedStream['outcome']> {
  const { name } = binding;
  let outcome: ProvisionedStream['outcome'] = 'unchanged';
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const info = await streamInfo(jsm, name);
      const refused = obstacles(binding, topology, info, options);
      if (refused.length > 0) throw new ProvisioningRefused(refused);
      if (!info) {
        if (await created(jsm, topology, binding, options)) return 'created';
        continue;
      }
      const changes = differences(binding, topology, info, options).filter(({ change }) => change);
      if (changes.length === 0) return outcome;
      if (options.mode === 'verify') {
        options.logger.warn(`stream ${name} is not as advised`, { stream: name, differences: changes });
        return outcome;
      }
      await jsm.streams.update(name, Object.assign({}, ...changes.map(({ change }) => change)));
      options.logger.info(`stream ${name} updated`, { stream: name, settings: changes.map(({ setting }) => setting) });
      outcome = 'updated';
    }
  } catch (error) {
    throw provisioningFailure(await withClash(jsm, binding, error), name, options.replicas ?? 1);
  }
  throw new ProvisioningRefused(
    differences(binding, topology, (await streamInfo(jsm, name))!, options).map((difference) => ({
      ...difference,
      wayOut: 'the server did not keep the change, or another process undoes it. See who else changes the stream.',
    })),
  );
}

/** @returns false when another process was faster, with another configuration */
async function created(
  jsm: JetStreamManager,
  topology: Topology,
  binding: StreamBinding,
  options: ProvisionOptions,
): Promise<boolean> {
  try {
    await jsm.streams.add(wantedConfig(binding, topology, options.replicas ?? 1));
  } catch (error) {
    if (hasCode(error, JETSTREAM_CODE.nameInUse)) return false;
    throw error;
  }
  options.logger.info(`stream ${binding.name} created`, { stream: binding.name, replicas: options.replicas ?? 1 });
  return true;
}

/** What forbids to go on with a stream as it is, or as it is not. */
function obstacles(
  binding: StreamBinding,
  topology: Topology,
  info: StreamInfo | undefined,
  options: ProvisionOptions,
): readonly ConfigDifference[] {
  if (info) {
    return differences(binding, topology, info, options).filter(
      ({ severity }) => severity === 'dangerous' || (severity === 'needed' && options.mode === 'verify'),
    );
  }
  if (options.mode !== 'verify') return [];
  const wayOut = "make the stream (docs/reference/wire-contract.md tells how), or open the store in mode 'apply' once.";
  return [
    { stream: binding.name, severity: 'needed', setting: 'stream', found: undefined, wanted: binding.name, wayOut },
  ];
}

function differences(
  binding: StreamBinding,
  topology: Topology,
  info: StreamInfo,
  options: ProvisionOptions,
): readonly ConfigDifference[] {
  const wanted = wantedConfig(binding, topology, options.replicas ?? 1);
  return configDifferences(info.config, wanted, options.replicas !== undefined);
}

/** Names the stream that has the subjects already, which the server does not tell. */
async function withClash(jsm: JetStreamManager, binding: StreamBinding, error: unknown): Promise<unknown> {
  if (!hasCode(error, JETSTREAM_CODE.subjectsOverlap)) return error;
  const taken = new Map<string, string>();
  for (const subject of binding.subjects) {
    for await (const name of jsm.streams.names(subject)) if (name !== binding.name) taken.set(subject, name);
  }
  const wayOut =
    'JetStream keeps a subject in one stream only. Move or remove the other stream, or take another stream name.';
  const clashes = [...taken].map(([subject, name]) => ({
    stream: binding.name,
    setting: 'subjects',
    found: `${subject} in stream ${name}`,
    wanted: subject,
    wayOut,
  }));
  return clashes.length > 0 ? new ProvisioningRefused(clashes, { cause: error }) : error;
}

import type { StreamConfig } from '@nats-io/jetstream';
import fc from 'fast-check';
import { resolveTopology } from '../topology/topology.ts';
import { configDifferences } from './config-differences.ts';
import { wantedConfig } from './wanted-config.ts';

const topology = resolveTopology();
const wanted = wantedConfig(topology.defaultBinding, topology, 3);
const differencesOf = (changed: Partial<StreamConfig>, replicasGiven = true) =>
  configDifferences({ ...wanted, ...changed } as StreamConfig, wanted, replicasGiven);

describe('configDifferences', () => {
  it('finds none in a stream that is as wanted, whatever else its operator set', () => {
    expect(differencesOf({})).toEqual([]);
    expect(
      differencesOf({
        description: 'ours',
        placement: { cluster: 'east', tags: [] },
        republish: { src: 'evt.>', dest: 'live.>' },
        metadata: { ...wanted.metadata, team: 'billing', '_nats.ver': '2.15.1' },
        max_consumers: 1_000_000,
      }),
    ).toEqual([]);
  });

  it.each<[string, Partial<StreamConfig>]>([
    ['max_age', { max_age: 1 }],
    ['max_msgs', { max_msgs: 10 }],
    ['max_bytes', { max_bytes: 10 }],
    ['max_msgs_per_subject', { max_msgs_per_subject: 1 }],
    ['max_msg_size', { max_msg_size: 100 }],
    ['retention', { retention: 'workqueue' }],
    ['retention', { retention: 'interest' }],
    ['storage', { storage: 'memory' }],
    ['mirror', { mirror: { name: 'X' } }],
    ['sources', { sources: [{ name: 'X' }] }],
    ['subject_transform', { subject_transform: { src: '>', dest: 'x.>' } }],
    ['sealed', { sealed: true }],
    ['deny_delete', { deny_delete: true }],
    ['deny_purge', { deny_purge: true }],
    ['allow_msg_counter', { allow_msg_counter: true }],
    ['persist_mode', { persist_mode: 'async' }],
    ['discard_new_per_subject', { discard_new_per_subject: true }],
    ['subject_delete_marker_ttl', { subject_delete_marker_ttl: 1 }],
    ['subjects', { subjects: ['evt.>', 'idem.EVENTS.>', 'other'] }],
    ['subjects', { subjects: ['evt.a.>'] }],
    ['num_replicas', { num_replicas: 5 }],
    ['wire format', { metadata: { ...wanted.metadata, 'annals.format': '2' } }],
    ['store', { metadata: { ...wanted.metadata, 'annals.store': 'OTHER' } }],
  ])('finds %s dangerous when it is %j, and never changes it', (setting, changed) => {
    const dangerous = differencesOf(changed).filter(({ severity }) => severity === 'dangerous');
    expect(dangerous.map((difference) => difference.setting)).toEqual([setting]);
    expect(dangerous[0]).not.toHaveProperty('change');
    expect(dangerous[0]!.stream).toBe('EVENTS');
    expect(dangerous[0]!.wayOut).toMatch(/\.$/);
  });

  it.each<[string, string, Partial<StreamConfig>]>([
    ['needed', 'subjects', { subjects: ['evt.>'] }],
    ['needed', 'subjects', { subjects: [] }],
    ['needed', 'allow_direct', { allow_direct: false }],
    ['needed', 'allow_atomic', { allow_atomic: false }],
    ['needed', 'allow_msg_ttl', { allow_msg_ttl: false }],
    ['needed', 'no_ack', { no_ack: true }],
    ['needed', 'allow_rollup_hdrs', { allow_rollup_hdrs: true }],
    ['needed', 'discard', { discard: 'old' }],
    ['needed', 'num_replicas', { num_replicas: 1 }],
    ['needed', 'consumer_limits', { consumer_limits: { max_ack_pending: 1 } }],
    ['advised', 'allow_batched', { allow_batched: false }],
    ['advised', 'compression', { compression: 'none' }],
    ['advised', 'duplicate_window', { duplicate_window: 120e9 }],
    ['advised', 'max_consumers', { max_consumers: -1 }],
    ['advised', 'metadata', { metadata: {} }],
  ])('finds %s: %s, and resolves it by its change', (severity, setting, changed) => {
    const [difference, ...others] = differencesOf(changed);
    expect(others).toEqual([]);
    expect(difference).toMatchObject({ severity, setting });
    expect(differencesOf({ ...changed, ...difference!.change })).toEqual([]);
  });

  it('keeps metadata of others when it adds its own', () => {
    const [difference] = differencesOf({ metadata: { team: 'billing' } });
    expect(difference!.change!.metadata).toEqual({ team: 'billing', ...wanted.metadata });
  });

  it('leaves the number of replicas alone when the caller names none', () => {
    expect(differencesOf({ num_replicas: 5 }, false)).toEqual([]);
    expect(differencesOf({ num_replicas: 1 }, false)).toEqual([]);
  });

  it('lists all differences at once, and all its changes together resolve what can be resolved', () => {
    const any = fc.record(
      {
        allow_direct: fc.boolean(),
        allow_atomic: fc.boolean(),
        allow_msg_ttl: fc.boolean(),
        allow_batched: fc.boolean(),
        no_ack: fc.boolean(),
        num_replicas: fc.constantFrom(1, 3, 5),
        max_age: fc.constantFrom(0, 1),
        deny_delete: fc.boolean(),
        max_consumers: fc.constantFrom(-1, 1000, 100_000),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(any, (changed) => {
        const found = differencesOf(changed);
        const change = Object.assign(
          {},
          ...found.map((difference) => difference.change ?? {}),
        ) as Partial<StreamConfig>;
        const left = differencesOf({ ...changed, ...change });
        expect(left).toEqual(found.filter(({ severity }) => severity === 'dangerous'));
      }),
    );
  });
});

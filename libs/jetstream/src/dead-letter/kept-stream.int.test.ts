import { describe, expect, it } from '@jest/globals';
import { DiscardPolicy, RetentionPolicy, type StreamConfig } from '@nats-io/jetstream';
import { DEAD_LETTER_STREAM, REDELIVERY_STREAM } from '../subscribe/subscription-names.ts';
import { keyOf, letterOf, useLetterBench } from './dead-letters.spec-support.ts';

const bench = useLetterBench();

async function config(stream: string): Promise<StreamConfig> {
  return (await bench.jsm.streams.info(stream)).config;
}

/** What a refusal names. */
async function refusedSettings(act: Promise<unknown>): Promise<readonly string[]> {
  const error = (await act.then(
    () => new Error('was not refused'),
    (reason: unknown) => reason,
  )) as { code?: string; differences?: readonly { setting: string; wayOut: string }[] };
  expect(error).toMatchObject({ code: 'provisioning-refused' });
  return error.differences!.map(({ setting }) => setting);
}

describe('the streams of dead letters and redeliveries', () => {
  it('are made by their first use, by however many processes at once', async () => {
    const [message] = await bench.append('first-use', 1);
    await expect(config(DEAD_LETTER_STREAM)).rejects.toThrow();
    await Promise.all([1, 2, 3, 4].map(() => bench.process().box.post(letterOf(message!))));
    const redelivery = { ...keyOf(message!), cause: 'redrive' } as const;
    await Promise.all([1, 2, 3, 4].map(() => bench.process().redeliveries.enqueue([redelivery])));
    expect(await config(DEAD_LETTER_STREAM)).toMatchObject({
      subjects: ['dlq.>'],
      retention: 'limits',
      storage: 'file',
      max_msgs_per_subject: 1,
      discard: 'old',
      allow_direct: true,
      compression: 's2',
      num_replicas: 1,
      max_age: 0,
      max_msgs: -1,
      max_bytes: -1,
    });
    expect(await config(REDELIVERY_STREAM)).toMatchObject({
      subjects: ['redeliver.>'],
      retention: 'workqueue',
      storage: 'file',
      allow_direct: true,
      compression: 's2',
    });
  });

  it('are not made by a store that only verifies, which tells what to make', async () => {
    const { box, redeliveries } = bench.process({ provisioning: 'verify' });
    const [message] = await bench.append('verify', 1);
    expect(await box.read(keyOf(message!))).toBeUndefined();
    expect(await redeliveries.waiting('billing')).toBe(0);
    await expect(box.post(letterOf(message!))).rejects.toThrow(/DEAD_LETTERS: stream is absent.*make the stream/);
    await expect(redeliveries.ensureConsumer('billing', 'EVENTS')).rejects.toMatchObject({
      code: 'provisioning-refused',
    });
    await expect(config(DEAD_LETTER_STREAM)).rejects.toThrow();
    await bench.process().box.post(letterOf(message!));
    await box.post(letterOf(message!, { redrives: 1 }));
    expect(await box.read(keyOf(message!))).toMatchObject({ redrives: 1 });
  });

  it('are brought to what they need where that harms nothing, but not by a store that only verifies', async () => {
    const [message] = await bench.append('mended', 1);
    await bench.jsm.streams.add({ name: DEAD_LETTER_STREAM, subjects: ['dlq.>'], discard: DiscardPolicy.New });
    const verifying = bench.process({ provisioning: 'verify' }).box.post(letterOf(message!));
    expect(await refusedSettings(verifying)).toEqual(['max_msgs_per_subject', 'discard', 'allow_direct']);
    await bench.process().box.post(letterOf(message!));
    expect(await config(DEAD_LETTER_STREAM)).toMatchObject({
      max_msgs_per_subject: 1,
      discard: 'old',
      allow_direct: true,
      compression: 's2',
    });
  });

  it.each<[string, Partial<StreamConfig>]>([
    ['max_age', { max_age: 3_600_000_000_000 }],
    ['max_msgs', { max_msgs: 10 }],
    ['max_bytes', { max_bytes: 10_000 }],
    ['max_msg_size', { max_msg_size: 1_000 }],
    ['retention', { retention: RetentionPolicy.Interest }],
    ['deny_delete', { deny_delete: true }],
    ['subjects', { subjects: ['dlq.>', 'other.>'] }],
  ])('are refused with a %s that would lose letters or mix them', async (setting, change) => {
    const [message] = await bench.append('refused', 1);
    const made = { name: DEAD_LETTER_STREAM, subjects: ['dlq.>'], max_msgs_per_subject: 1, ...change };
    await bench.jsm.streams.add({ ...made, allow_direct: true });
    expect(await refusedSettings(bench.process().box.post(letterOf(message!)))).toEqual([setting]);
    expect((await config(DEAD_LETTER_STREAM)).max_msgs_per_subject).toBe(1);
  });

  it('are made anew when somebody removed them', async () => {
    const { box, redeliveries } = bench.process();
    const [message] = await bench.append('removed', 1);
    const redelivery = { ...keyOf(message!), cause: 'redrive' } as const;
    await box.post(letterOf(message!));
    await redeliveries.enqueue([redelivery]);
    await bench.jsm.streams.delete(DEAD_LETTER_STREAM);
    await bench.jsm.streams.delete(REDELIVERY_STREAM);
    await box.post(letterOf(message!, { reason: 'again' }));
    expect(await redeliveries.enqueue([redelivery])).toBe(1);
    expect((await box.stored(keyOf(message!)))!.details.reason).toBe('again');
  });
});

import { describe, expect, it } from '@jest/globals';
import { type AggregateRef, type PayloadTooLarge, laneOf } from '@annals/core';
import { headers as natsHeaders } from '@nats-io/transport-node';
import type { StoredMessage } from '../read/stored-message.ts';
import { DEAD_LETTER_STREAM } from '../subscribe/subscription-names.ts';
import { eventOf, keyOf, letterOf, useLetterBench } from './dead-letters.spec-support.ts';
import { decodeLetter } from './letter-message.ts';

const bench = useLetterBench();

async function onlyEvent(id: string): Promise<StoredMessage> {
  return (await bench.append(id, 1))[0]!;
}

async function lettersStored(): Promise<number> {
  return (await bench.jsm.streams.info(DEAD_LETTER_STREAM)).state.messages;
}

describe('a letter box', () => {
  it('keeps the event as its stream has it, and what is told about it', async () => {
    const { box } = bench.process();
    const message = await onlyEvent('kept');
    const error = { name: 'TypeError', message: 'no total', code: 'E1', stack: 'at here\nat there' };
    await box.post(letterOf(message, { reason: 'no total', error, attempts: 7, kind: 'rejected' }));

    const read = await box.read(keyOf(message));
    expect(eventOf(read!.message)).toEqual(eventOf(message));
    expect(eventOf(message).hash).toBeDefined();
    expect(read).toMatchObject({ key: keyOf(message), redrives: 0, lane: laneOf(eventOf(message)) });
    const { details } = (await box.stored(keyOf(message)))!;
    expect(details).toMatchObject({ kind: 'rejected', reason: 'no total', error, attempts: 7, redrives: 0 });
  });

  it.each([
    ['line breaks', 'one\r\ntwo\nthree\r\n\r\nNATS/1.0\r\nAnnals-Letter-Kind: parked\r\n'],
    ['other alphabets and emojis', 'häßlich 失敗 💥👩‍👩‍👧 \u2028 \u0000 \u00a0'],
    ['half of an emoji', `cut ${'💥'.slice(0, 1)}`],
    ['nothing', ''],
  ])('keeps a reason of %s to the letter', async (_what, reason) => {
    const { box } = bench.process();
    const message = await onlyEvent('hostile');
    await box.post(letterOf(message, { reason, error: { name: reason, message: reason, stack: reason } }));
    const { details, event } = (await box.stored(keyOf(message)))!;
    expect(details).toMatchObject({ kind: 'attempts-exhausted', reason });
    expect(details.error).toEqual({ name: reason, message: reason, stack: reason });
    expect(eventOf(event)).toEqual(eventOf(message));
  });

  it.each([
    ['x', 100_000],
    ['💥', 50_000],
    ['\u0000', 100_000],
  ])('cuts a reason and an error of 100 KB of %j', async (character, times) => {
    const { box } = bench.process();
    const message = await onlyEvent('long');
    const reason = character.repeat(times);
    await box.post(letterOf(message, { reason, error: { name: 'Error', message: reason, stack: reason } }));
    const { details, event } = (await box.stored(keyOf(message)))!;
    expect(details.reason).toMatch(/…$/);
    expect(details.reason.startsWith(character.repeat(1_000))).toBe(true);
    expect(details.error?.name).toBe('Error');
    expect(eventOf(event)).toEqual(eventOf(message));
  });

  it('is one letter however often and by how many processes it is posted at once', async () => {
    const processes = Array.from({ length: 4 }, () => bench.process());
    const message = await onlyEvent('once');
    await Promise.all(processes.flatMap(({ box }) => [1, 2, 3].map(() => box.post(letterOf(message)))));
    expect(await lettersStored()).toBe(1);
    await processes[0]!.box.post(letterOf(message, { reason: 'later' }));
    expect((await processes[1]!.box.stored(keyOf(message)))!.details.reason).toBe('it failed');
  });

  it('replaces a letter by one that was redriven more often only', async () => {
    const [one, other] = [bench.process(), bench.process()];
    const message = await onlyEvent('redriven');
    await one.box.post(letterOf(message));
    await Promise.all([
      one.box.post(letterOf(message, { redrives: 1, reason: 'first' })),
      other.box.post(letterOf(message, { redrives: 2, reason: 'second' })),
      one.box.post(letterOf(message, { redrives: 1, reason: 'first again' })),
    ]);
    expect((await one.box.stored(keyOf(message)))!.details).toMatchObject({ redrives: 2, reason: 'second' });
    await other.box.post(letterOf(message, { redrives: 1 }));
    expect(await one.box.read(keyOf(message))).toMatchObject({ redrives: 2 });
    expect(await lettersStored()).toBe(1);
  });

  it('keeps a redriven letter whose predecessor was purged', async () => {
    const { box } = bench.process();
    const message = await onlyEvent('purged');
    await box.post(letterOf(message, { redrives: 3 }));
    expect(await box.read(keyOf(message))).toMatchObject({ redrives: 3 });
  });

  it('has one letter of a message that could not be read and then could', async () => {
    const { box } = bench.process();
    const message = await onlyEvent('unreadable');
    await box.post(letterOf(message, { kind: 'unreadable', lane: undefined }));
    expect((await box.read(keyOf(message)))!.lane).toBeUndefined();
    await box.post(letterOf(message, { redrives: 1 }));
    expect(await lettersStored()).toBe(1);
    expect((await box.read(keyOf(message)))!.lane).toBe(laneOf(eventOf(message)));
  });

  it('keeps what is no event at all, with the headers of whoever sent it', async () => {
    const { box } = bench.process();
    const message: StoredMessage = {
      stream: 'EVENTS',
      sequence: 99,
      subject: 'evt.foreign',
      recordedAt: '2026-01-02T03:04:05.000000006Z',
      headers:
        'NATS/1.0\r\nX-Foreign: ü\r\nNats-Expected-Last-Subject-Sequence: 7\r\nAnnals-Letter-Kind: parked\r\n\r\n',
      body: Buffer.from([0, 255, 13, 10]),
    };
    await box.post({ key: keyOf(message), message, kind: 'unreadable', reason: 'no event', attempts: 1, redrives: 0 });
    const read = (await box.read(keyOf(message)))!;
    expect(read.message).toMatchObject({ subject: 'evt.foreign', recordedAt: message.recordedAt });
    expect([...read.message.body]).toEqual([0, 255, 13, 10]);
    expect(read.message.headers).toBe('NATS/1.0\r\nX-Foreign: ü\r\n\r\n');
    expect((await box.stored(keyOf(message)))!.details.kind).toBe('unreadable');
  });

  it('keeps subscriptions and streams apart, whatever their names', async () => {
    const { box } = bench.process();
    const message = await onlyEvent('apart');
    for (const subscription of ['a', 'a.b', 'a:b', '-', 'A']) {
      await box.post(letterOf(message, { subscription, reason: subscription }));
    }
    for (const subscription of ['a', 'a.b', 'a:b', '-', 'A']) {
      expect((await box.stored(keyOf(message, subscription)))!.details.reason).toBe(subscription);
    }
    await box.settle(keyOf(message, 'a'));
    expect(await box.read(keyOf(message, 'a'))).toBeUndefined();
    expect(await lettersStored()).toBe(4);
  });

  it('has no letter that was settled, and takes one of the same event again', async () => {
    const { box } = bench.process();
    const message = await onlyEvent('settled');
    await box.settle(keyOf(message));
    expect(await box.read(keyOf(message))).toBeUndefined();
    await box.post(letterOf(message));
    await box.settle(keyOf(message));
    await box.settle(keyOf(message));
    expect(await box.read(keyOf(message))).toBeUndefined();
    await box.post(letterOf(message, { reason: 'after a rewind' }));
    expect((await box.stored(keyOf(message)))!.details.reason).toBe('after a rewind');
  });
});

describe('an event that hardly leaves room beside it', () => {
  /** The largest event that the store takes. */
  async function largestEvent(aggregate: AggregateRef, type: string): Promise<StoredMessage> {
    const measured = await bench
      .append(aggregate, [{ type, data: { text: 'x'.repeat(2_000_000) } }])
      .catch((error: PayloadTooLarge) => error);
    const { limitBytes, actualBytes } = measured as PayloadTooLarge;
    const text = 'x'.repeat(2_000_000 - (actualBytes - limitBytes));
    return (await bench.append(aggregate, [{ type, data: { text } }]))[0]!;
  }
  const error = { name: 'Error', message: 'm'.repeat(2_000), stack: 's'.repeat(4_000) };

  it('is kept without what is known of the error', async () => {
    const { box } = bench.process();
    const message = await largestEvent({ type: 'order', id: 'brief' }, 'order.changed');
    await box.post(letterOf(message, { error }));
    const { details, event } = (await box.stored(keyOf(message)))!;
    expect(details).toMatchObject({ reason: 'it failed', hasBody: true });
    expect(details.error).toBeUndefined();
    expect(eventOf(event)).toEqual(eventOf(message));
  });

  it('is kept by its position where even that does not fit, and read there', async () => {
    const { box } = bench.process();
    const message = await largestEvent(
      { tenantId: 't'.repeat(200), type: 'y'.repeat(200), id: 'i'.repeat(200) },
      'e'.repeat(200),
    );
    const subscription = 's'.repeat(100);
    const key = keyOf(message, subscription);
    await box.post(letterOf(message, { subscription, error, reason: 'r'.repeat(300) }));
    expect((await box.stored(key))!.details).toMatchObject({ hasBody: false, kind: 'attempts-exhausted' });
    expect(eventOf((await box.read(key))!.message)).toEqual(eventOf(message));
    await bench.jsm.streams.deleteMessage('EVENTS', message.sequence);
    const { message: gone } = (await box.read(key))!;
    expect(gone).toMatchObject({ sequence: message.sequence, subject: message.subject });
    expect(gone.body).toHaveLength(0);
  });
});

describe('the letters of an aggregate', () => {
  it('come in the order of the stream, without those of others', async () => {
    const { box } = bench.process();
    const mine = await bench.append('lane-1', 5);
    const others = await bench.append('lane-2', 3);
    for (const message of [...mine].reverse()) await box.post(letterOf(message));
    for (const message of others) await box.post(letterOf(message));
    for (const message of mine) await box.post(letterOf(message, { subscription: 'other' }));
    await box.post(letterOf(mine[0]!, { redrives: 1 }));
    await box.settle(keyOf(mine[2]!));
    const lane = laneOf(eventOf(mine[0]!));
    const expected = [0, 1, 3, 4].map((i) => keyOf(mine[i]!));
    expect(await box.ofAggregate('billing', 'EVENTS', lane)).toEqual(expected);
    expect(await box.ofAggregate('nobody', 'EVENTS', lane)).toEqual([]);
  });

  it('are all found while they come and go, also when they are more than one request tells', async () => {
    const { box } = bench.process();
    const [event] = await bench.append('many', 1);
    const lane = laneOf(eventOf(event!));
    const at = (sequence: number): StoredMessage => ({ ...event!, sequence });
    const staying = Array.from({ length: 1_500 }, (_, i) => 10 + 2 * i);
    await Promise.all(staying.map((sequence) => box.post(letterOf(at(sequence)))));
    let writing = true;
    const coming = (async () => {
      for (let sequence = 11; writing; sequence += 2) {
        await box.post(letterOf(at(sequence)));
        await box.settle(keyOf(at(sequence)));
      }
    })();
    for (let i = 0; i < 5; i++) {
      const found = (await box.ofAggregate('billing', 'EVENTS', lane)).map(({ sequence }) => sequence);
      expect(found.filter((sequence) => sequence % 2 === 0)).toEqual(staying);
      expect(found).toEqual([...found].sort((a, b) => a - b));
    }
    writing = false;
    await coming;
  }, 30_000);

  it('do not include those of another one with the same digest', async () => {
    const { box } = bench.process();
    const [message] = await bench.append('digest', 1);
    const lane = laneOf(eventOf(message!));
    await box.post(letterOf(message!));
    const { posted } = (await box.stored(keyOf(message!)))!;
    expect(decodeLetter(posted)?.details.lane).toBe(lane);
    // A letter of another lane under a subject of this one's digest.
    const block = natsHeaders();
    for (const line of posted.headers.split('\r\n').slice(1)) {
      const [name = '', value = ''] = line.split(': ');
      if (name.startsWith('Annals-')) block.set(name, name === 'Annals-Letter-Lane' ? '"another"' : value);
    }
    const twin = posted.subject.replace(/\.\d+\./, '.999.');
    bench.nc.publish(twin, posted.body, { headers: block });
    await bench.nc.flush();
    expect(await box.ofAggregate('billing', 'EVENTS', lane)).toEqual([keyOf(message!)]);
  });
});

import type { NewEvent } from '@annals/core';

/** What the sample events say. */
export interface SampleData {
  readonly sku: string;
  readonly quantity: number;
  readonly unitPriceCents: number;
  readonly note: string;
}

/** Aggregate type of all events that the benchmark writes. */
export const SAMPLE_AGGREGATE_TYPE = 'order';

/** Event type of all of them. */
export const SAMPLE_EVENT_TYPE = 'order.item-added';

const NOTES = ['gift wrapped, blue', 'deliver after six', 'replaces a broken one', 'second of three parcels'] as const;

/**
 * Event number `n` of the benchmark, the same on every machine. As it is stored, envelope included, it has about 350
 * bytes.
 */
export function sampleEvent(n: number): NewEvent<SampleData> {
  const mixed = mix(n);
  return {
    type: SAMPLE_EVENT_TYPE,
    data: {
      sku: `sku-${String(mixed % 100_000).padStart(6, '0')}`,
      quantity: sampleQuantity(n),
      unitPriceCents: 100 + (mixed % 20_000),
      note: NOTES[mixed % NOTES.length]!,
    },
  };
}

/** The quantity in event number `n`, by which readers prove that they read what was written. */
export function sampleQuantity(n: number): number {
  return 1 + (mix(n) % 9);
}

/** Spreads neighbouring numbers; 32 bits. */
function mix(n: number): number {
  let value = Math.imul(n ^ 0x9e3779b9, 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

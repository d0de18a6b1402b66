import type { Spread } from './spread.ts';

const MIB = 1024 * 1024;

/** Three significant digits below 100, whole numbers with thousands marked above. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
}

/** `12,300 (11,900–12,800)`; the spread is left out of a single figure. */
export function spread(value: Spread | undefined, format: (value: number) => string = figure): string {
  if (value === undefined || Number.isNaN(value.median)) return '–';
  if (value.min === value.max) return format(value.median);
  return `${format(value.median)} (${format(value.min)}–${format(value.max)})`;
}

/** Bytes as MiB. */
export function mebibytes(bytes: number): string {
  return figure(bytes / MIB);
}

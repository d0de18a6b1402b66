import { type DeclarativeMigration, EventRegistry, type MigrateData } from '@annals/core';
import { SAMPLE_EVENT_TYPE, type SampleData } from '../event/sample-event.ts';

/** How migrations are written. */
export type MigrationForm = 'declarative' | 'function';

/** Most steps that there are. */
export const MAX_STEPS = 3;

type Version2 = Omit<SampleData, 'unitPriceCents'> & { readonly priceCents: number };
type Version3 = Version2 & { readonly currency: string };

/** The sample event's data as each step leaves them: a field renamed, one added, one removed. */
const STEPS: Readonly<Record<MigrationForm, readonly (DeclarativeMigration | MigrateData)[]>> = {
  declarative: [{ rename: { unitPriceCents: 'priceCents' } }, { defaults: { currency: 'CHF' } }, { remove: ['note'] }],
  function: [
    ({ unitPriceCents, ...data }: SampleData): Version2 => ({ ...data, priceCents: unitPriceCents }),
    (data: Version2): Version3 => ({ ...data, currency: 'CHF' }),
    ({ sku, quantity, priceCents, currency }: Version3) => ({ sku, quantity, priceCents, currency }),
  ],
};

/** A sealed registry in which events of version 1 are so many steps old. @param steps 1 to {@link MAX_STEPS} */
export function sampleRegistry(form: MigrationForm, steps: number): EventRegistry {
  const migrations = Object.fromEntries(STEPS[form].slice(0, steps).map((step, index) => [index + 1, step]));
  return new EventRegistry().add({ [SAMPLE_EVENT_TYPE]: { version: steps + 1, migrations } }).seal();
}

/** The fields of the data after so many steps, sorted. */
export function fieldsAfter(steps: number): readonly string[] {
  const fields = ['quantity', 'sku', steps > 0 ? 'priceCents' : 'unitPriceCents'];
  if (steps > 1) fields.push('currency');
  if (steps < MAX_STEPS) fields.push('note');
  return fields.sort();
}

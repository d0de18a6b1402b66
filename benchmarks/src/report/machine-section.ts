import type { MachineFacts } from '../machine/machine-facts.ts';
import { markdownTable } from './markdown-table.ts';

const GIB = 1024 ** 3;

/** What the figures were measured on. */
export function machineSection(machines: readonly MachineFacts[]): string {
  const distinct = [...new Map(machines.map((machine) => [JSON.stringify(machine), machine])).values()];
  return distinct.map(oneMachine).join('\n\n');
}

function oneMachine(facts: MachineFacts): string {
  const rows = [
    ['processor', `${facts.cpu}, ${facts.cores} cores`],
    ['memory', `${(facts.memoryBytes / GIB).toFixed(0)} GiB`],
    ['system', facts.system],
    ['file system', facts.fileSystem + (facts.fileSystem === 'tmpfs' ? ' (**fsync means nothing on it**)' : '')],
    ['Node.js', facts.node],
    ['nats-server', facts.natsServer],
    ['@nats-io client', facts.natsClient],
    ['PostgreSQL', facts.postgres ?? '**none: its figures are missing**'],
    ['commit', facts.commit ?? 'unknown'],
  ];
  return markdownTable([{ title: 'what' }, { title: 'which' }], rows);
}

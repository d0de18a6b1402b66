import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Journal, JournalEntry, JournalPart } from './journal.ts';
import type { OrphanAppend, WriterOptions } from './writer-options.ts';

const WRITER = fileURLToPath(new URL('./writer.js', import.meta.url));

/** A child process that writes, and what of its appends is open. */
export class WriterProcess {
  private readonly child: ChildProcess;
  private readonly exited: Promise<unknown>;
  private readonly open = new Map<string, readonly JournalPart[]>();

  constructor(options: WriterOptions, journal: Journal) {
    this.child = fork(WRITER, [JSON.stringify(options)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.exited = once(this.child, 'exit');
    for (const orphan of options.orphans) this.open.set(orphan.append, orphan.parts);
    this.child.on('message', (message) => {
      const entry = message as JournalEntry;
      journal.record(entry);
      if (entry.kind === 'intent') this.open.set(entry.append, entry.parts);
      else if (entry.kind === 'acked' || entry.kind === 'refused') this.open.delete(entry.append);
    });
  }

  /** Kills it with -9. @returns the appends whose outcome it left open */
  async kill(): Promise<readonly OrphanAppend[]> {
    this.child.kill('SIGKILL');
    await this.exited;
    return [...this.open].map(([append, parts]) => ({ append, parts }));
  }

  /** Lets it end what it has begun. @returns its exit code */
  async stop(): Promise<number | null> {
    if (this.child.connected) this.child.send('stop');
    await this.exited;
    return this.child.exitCode;
  }
}

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

/** Clock ticks a second in /proc; 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;
const RESET_PEAK = '5';

/** What processes used up to now. */
export interface Usage {
  readonly cpuSeconds: number;
  readonly memoryBytes: number;
}

/**
 * What servers used, from /proc; undefined on systems without it.
 *
 * Memory is the peak since `resetPeak` of a process alone; of one that works through child processes (PostgreSQL) it is
 * what all of them hold now, shared memory counted once.
 */
export function serverUsage(pids: readonly number[]): Usage | undefined {
  try {
    const children = childrenOf(pids);
    let cpuSeconds = 0;
    let memoryBytes = 0;
    for (const pid of pids) {
      const family = children.get(pid) ?? [];
      const own = readStat(pid);
      // What the kernel adds to a parent when a child ended counts too: a backend may end between two looks.
      cpuSeconds += own.cpuSeconds + own.endedChildrenSeconds;
      if (family.length === 0) memoryBytes += peakBytes(pid);
      else memoryBytes += proportionalBytes(pid);
      for (const child of family) {
        cpuSeconds += unlessEnded(() => readStat(child).cpuSeconds);
        memoryBytes += unlessEnded(() => proportionalBytes(child));
      }
    }
    return { cpuSeconds, memoryBytes };
  } catch {
    return undefined;
  }
}

/** Lets the peak memory of a process be counted from now on. Without effect where the system cannot. */
export function resetPeak(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, RESET_PEAK);
  } catch {
    // The peak then is that of the whole life of the process.
  }
}

/** The peak resident memory of this process since `resetPeak`. */
export function ownPeakBytes(): number {
  try {
    return peakBytes(process.pid);
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}

/** A child may end at any moment: it then holds nothing, and its parent's account has its time. */
function unlessEnded(look: () => number): number {
  try {
    return look();
  } catch {
    return 0;
  }
}

function peakBytes(pid: number): number {
  return kilobytes(readFileSync(`/proc/${pid}/status`, 'utf8'), 'VmHWM');
}

function proportionalBytes(pid: number): number {
  return kilobytes(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'), 'Pss');
}

function kilobytes(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? Number.NaN) * 1024;
}

function readStat(pid: number): { parent: number; cpuSeconds: number; endedChildrenSeconds: number } {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The program's name comes in parentheses and may have spaces; the fields after it are plain, the first being the state.
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [parent, user, system, endedUser, endedSystem] = [1, 11, 12, 13, 14].map((field) => fields[field]!);
  return {
    parent: parent!,
    cpuSeconds: (user! + system!) / TICKS_PER_SECOND,
    endedChildrenSeconds: (endedUser! + endedSystem!) / TICKS_PER_SECOND,
  };
}

function childrenOf(pids: readonly number[]): ReadonlyMap<number, number[]> {
  const children = new Map<number, number[]>(pids.map((pid) => [pid, []]));
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      children.get(readStat(Number(entry)).parent)?.push(Number(entry));
    } catch {
      // It ended between the listing and the look.
    }
  }
  return children;
}

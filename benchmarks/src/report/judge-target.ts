import type { EntrantResult, WorkloadResult } from '../result/bench-result.ts';
import type { Target } from '../workload/targets.ts';
import { figureOf } from './figures.ts';
import { type Spread, spreadOf } from './spread.ts';

/** What became of a target. */
export interface Verdict {
  readonly target: Target;
  /** The ratio of the medians with the least and greatest ratio of a round, or the figure itself; absent: not measured. */
  readonly reached?: Spread;
  readonly met?: boolean;
  /** Why there is nothing to compare. */
  readonly missing?: string;
}

/** Compares what was measured with a target. */
export function judgeTarget(target: Target, results: readonly WorkloadResult[]): Verdict {
  const result = results.find(({ workload, mode }) => workload === target.workload && mode === target.mode);
  if (!result) return { target, missing: 'not run' };
  const of = figures(result, target.of, target);
  if (typeof of === 'string') return { target, missing: of };
  if (target.against === undefined) return verdict(target, spreadOf(of)!);
  const against = figures(result, target.against, target);
  if (typeof against === 'string') return { target, missing: against };
  const rounds = of.slice(0, against.length).map((figure, round) => figure / against[round]!);
  const { min, max } = spreadOf(rounds)!;
  return verdict(target, { median: spreadOf(of)!.median / spreadOf(against)!.median, min, max });
}

function verdict(target: Target, reached: Spread): Verdict {
  const { bound } = target;
  const met = 'atLeast' in bound ? reached.median >= bound.atLeast : reached.median <= bound.atMost;
  return { target, reached, met };
}

/** The entrant's figures of all rounds, or why there are none. */
function figures(result: WorkloadResult, name: string, { metric }: Target): readonly number[] | string {
  const entrant: EntrantResult | undefined = result.entrants.find((one) => one.name === name);
  if (entrant?.skipped !== undefined) return `${name} skipped: ${entrant.skipped}`;
  if (entrant?.failed !== undefined) return `${name} failed: ${entrant.failed}`;
  const found = entrant?.rounds.map((round) => figureOf(round, metric)) ?? [];
  const known = found.filter((figure) => figure !== undefined);
  return known.length > 0 && known.length === found.length ? known : `${name} was not measured`;
}

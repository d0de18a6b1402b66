import { type ValidationProblem, ValidationError, nameProblem } from '@annals/core';
import { type StreamBinding, bindStream } from './stream-binding.ts';
import { streamNameProblem } from './stream-name.ts';
import { DEFAULT_STREAM, MAX_STREAMS, MAX_TYPES_PER_STREAM, type TopologyOptions } from './topology-options.ts';

/** Tells which stream an aggregate type's events live in. */
export interface Topology {
  /** The default stream first, then the dedicated ones as given. */
  readonly bindings: readonly StreamBinding[];
  readonly defaultBinding: StreamBinding;
  /** The stream of an aggregate type; without one, of events that belong to no aggregate. */
  bindingOf(aggregateType: string | undefined): StreamBinding;
  /** The binding of a stream of this topology, or undefined for a stream that is none of it. */
  bindingOfStream(name: string): StreamBinding | undefined;
}

/**
 * Turns the options into a topology.
 *
 * @throws ValidationError with every problem: names that cannot be, a type in two streams, a stream named twice
 * @example
 * const topology = resolveTopology({ streams: [{ stream: 'ORDERS', aggregateTypes: ['order', 'cart'] }] });
 * topology.bindingOf('order').prefix; // 'evt-ORDERS'
 * topology.bindingOf('user').prefix; // 'evt'
 */
export function resolveTopology(options: TopologyOptions = {}): Topology {
  const problems = topologyProblems(options);
  if (problems.length > 0) throw new ValidationError(problems);
  const defaultBinding = bindStream(options.defaultStream ?? DEFAULT_STREAM, { isDefault: true, aggregateTypes: [] });
  const dedicated = (options.streams ?? []).map(({ stream, aggregateTypes }) =>
    bindStream(stream, { isDefault: false, aggregateTypes }),
  );
  const bindings = [defaultBinding, ...dedicated];
  const byType = new Map(
    dedicated.flatMap((binding) => binding.aggregateTypes.map((type) => [type, binding] as const)),
  );
  const byName = new Map(bindings.map((binding) => [binding.name, binding]));
  return {
    bindings,
    defaultBinding,
    bindingOf: (type) => (type === undefined ? undefined : byType.get(type)) ?? defaultBinding,
    bindingOfStream: (name) => byName.get(name),
  };
}

function topologyProblems(options: TopologyOptions): ValidationProblem[] {
  const problems: ValidationProblem[] = [];
  const add = (path: string, message: string | undefined): void => {
    if (message) problems.push({ path: `topology.${path}`, message });
  };
  const defaultStream = options.defaultStream ?? DEFAULT_STREAM;
  add('defaultStream', streamNameProblem(defaultStream));
  const streams = options.streams ?? [];
  if (!Array.isArray(streams)) return [...problems, { path: 'topology.streams', message: 'must be a list' }];
  if (streams.length > MAX_STREAMS) add('streams', `must name at most ${MAX_STREAMS} streams`);

  const firstUse = new Map([[folded(defaultStream), 'topology.defaultStream']]);
  const owner = new Map<string, string>();
  streams.slice(0, MAX_STREAMS).forEach((entry, i) => {
    const stream: unknown = entry?.stream;
    const types: unknown = entry?.aggregateTypes;
    const nameIssue = streamNameProblem(stream);
    add(`streams.${i}.stream`, nameIssue);
    if (!nameIssue) {
      const earlier = firstUse.get(folded(stream));
      if (earlier) add(`streams.${i}.stream`, `is named by ${earlier} already (case does not tell streams apart)`);
      else firstUse.set(folded(stream), `topology.streams.${i}.stream`);
    }
    if (!Array.isArray(types) || types.length === 0 || types.length > MAX_TYPES_PER_STREAM) {
      add(`streams.${i}.aggregateTypes`, `must be a list of 1 to ${MAX_TYPES_PER_STREAM} aggregate types`);
      return;
    }
    types.forEach((type: unknown, k) => {
      const path = `streams.${i}.aggregateTypes.${k}`;
      const typeIssue = nameProblem(type);
      add(path, typeIssue);
      if (typeIssue || typeof type !== 'string') return;
      const earlier = owner.get(type);
      if (earlier) add(path, `belongs to a stream already, by ${earlier}`);
      else owner.set(type, `topology.${path}`);
    });
  });
  return problems;
}

/** The server keeps a stream in a folder of its name, and some file systems do not tell the case. */
function folded(name: unknown): string {
  return String(name).toLowerCase();
}

import { issueKind } from './activity/issue.ts';
import { pullRequestKind } from './activity/pull-request.ts';
import { repositoryKind } from './activity/repository.ts';
import type { AggregateKind } from './aggregate-life.ts';
import type { GenerateOptions, GeneratedDomain, GeneratedEvent } from './generated-event.ts';
import { Population } from './population.ts';
import { Random } from './random.ts';
import { cartKind } from './shop/cart.ts';
import { customerKind } from './shop/customer.ts';
import { orderKind } from './shop/order.ts';
import { productKind } from './shop/product.ts';

/** The generator takes orders up to this size. */
export const MAX_GENERATED_EVENTS = 10_000_000;

/** Kinds of a domain, and those of them that have best-sellers. */
const DOMAINS: Readonly<
  Record<GeneratedDomain, { kinds: readonly AggregateKind[]; popular: AggregateKind; share: number }>
> = {
  shop: { kinds: [customerKind, productKind, cartKind, orderKind], popular: productKind, share: 6 },
  activity: { kinds: [repositoryKind, issueKind, pullRequestKind], popular: repositoryKind, share: 4 },
};

/** Every tenth event belongs to a popular aggregate; ten of them take turns, and when they are full ten others follow. */
const POPULAR_EVERY = 10;
const POPULAR_AT_ONCE = 10;
const POPULAR_SIZE = 10_000;

/** Aggregates that ordinary events are spread over at any time. */
const OPEN_AT_ONCE = 256;
const MAX_GAP_MS = 10_000;
const DEFAULT_START = new Date('2025-01-01T00:00:00.000Z');
const SEED = /^[A-Za-z0-9_-]{1,32}$/;

/**
 * Generates realistic events of a shop and of source repositories, in the order in which they would be appended.
 *
 * - Deterministic: the same seed gives the same events, and fewer events are the beginning of more.
 * - Skewed: most aggregates have 2–10 events, sizes have a long tail, and of every million events ten aggregates (six
 *   products, four repositories) have 10,000 each; with fewer events these have a hundredth of all each.
 * - `data` has about 300 bytes as JSON. Ids, timestamps, users and correlation are filled in; a checked-out cart causes
 *   its order.
 * - Bounded memory, whatever the number: some 270 aggregates are open at a time.
 *
 * @throws RangeError when the number, the seed or the domains are not as described
 * @example
 * for (const { aggregate, version, event } of generateEvents({ events: 1_000, seed: 7 })) {
 *   await store.append(aggregate, event, { expectedVersion: version - 1 });
 * }
 */
export function* generateEvents(options: GenerateOptions): Generator<GeneratedEvent, void, undefined> {
  const { events, seed, domains, startsAt } = checked(options);
  const random = new Random(seed);
  const population = new Population(seed, random);
  const kinds = domains.flatMap((domain) => DOMAINS[domain].kinds);
  const popular = popularKinds(domains);
  const open = new Array<ReturnType<Population['begin']> | undefined>(OPEN_AT_ONCE);
  const popularNow = new Array<ReturnType<Population['begin']> | undefined>(POPULAR_AT_ONCE);
  let time = startsAt.getTime();

  for (let index = 0; index < events; index++) {
    const isPopular = index % POPULAR_EVERY === POPULAR_EVERY - 1;
    const slots = isPopular ? popularNow : open;
    const slot = isPopular ? Math.floor(index / POPULAR_EVERY) % POPULAR_AT_ONCE : random.below(OPEN_AT_ONCE);
    const life = (slots[slot] ??= isPopular
      ? population.begin(popular[slot]!, POPULAR_SIZE)
      : population.beginAnyOf(kinds));
    yield population.advance(life, index, new Date(time).toISOString());
    if (life.version === life.size) slots[slot] = undefined;
    time += random.below(MAX_GAP_MS + 1);
  }
}

function popularKinds(domains: readonly GeneratedDomain[]): readonly AggregateKind[] {
  if (domains.length === 1) return new Array<AggregateKind>(POPULAR_AT_ONCE).fill(DOMAINS[domains[0]!].popular);
  return domains.flatMap((domain) => new Array<AggregateKind>(DOMAINS[domain].share).fill(DOMAINS[domain].popular));
}

function checked(options: GenerateOptions) {
  const { events, seed = 1, domains = ['shop', 'activity'], startsAt = DEFAULT_START } = options;
  if (!Number.isSafeInteger(events) || events < 1 || events > MAX_GENERATED_EVENTS) {
    throw new RangeError(`events must be a whole number from 1 to ${MAX_GENERATED_EVENTS}, not ${events}`);
  }
  if (!SEED.test(String(seed))) throw new RangeError(`seed must be 1 to 32 of A-Z, a-z, 0-9, _ and -, not ${seed}`);
  const unique = [...new Set(domains)];
  if (unique.length === 0 || unique.some((domain) => !Object.hasOwn(DOMAINS, domain))) {
    throw new RangeError(
      `domains must be some of ${Object.keys(DOMAINS).join(', ')}, not ${domains.join(', ') || 'none'}`,
    );
  }
  if (Number.isNaN(startsAt.getTime())) throw new RangeError('startsAt must be a date');
  // Other domains give other events, so they must not have the same ids.
  const key = unique.length === 1 ? `${seed}-${unique[0]}` : String(seed);
  return { events, seed: key, domains: unique, startsAt };
}

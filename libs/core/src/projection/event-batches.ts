const NOTHING_YET = Symbol('nothing yet');
/** Steps of the queue of promises within which an item that lies ready comes. */
const READY_STEPS = 12;

/**
 * Gathers what comes without waiting into lists, so that one transaction serves many. Whoever takes a list leaves what comes
 * meanwhile to the next.
 *
 * @param maxSize of a list
 */
export async function* batchesOf<T>(
  items: AsyncIterable<T>,
  maxSize: number,
): AsyncGenerator<readonly T[], void, undefined> {
  const iterator = items[Symbol.asyncIterator]();
  try {
    let next = iterator.next();
    for (;;) {
      const first = await next;
      if (first.done) return;
      const batch = [first.value];
      next = iterator.next();
      while (batch.length < maxSize) {
        const more = await ready(next);
        if (more === NOTHING_YET || more.done) break;
        batch.push(more.value);
        next = iterator.next();
      }
      // Its failure is thrown by the next turn.
      next.catch(() => {});
      yield batch;
    }
  } finally {
    await iterator.return?.();
  }
}

async function ready<T>(next: Promise<IteratorResult<T>>): Promise<IteratorResult<T> | typeof NOTHING_YET> {
  let result: IteratorResult<T> | typeof NOTHING_YET = NOTHING_YET;
  let failed = false;
  next.then(
    (value) => (result = value),
    () => (failed = true),
  );
  for (let step = 0; step < READY_STEPS; step++) {
    await Promise.resolve();
    if (result !== NOTHING_YET || failed) break;
  }
  return result;
}

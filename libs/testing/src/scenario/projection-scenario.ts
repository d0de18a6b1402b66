import { deepStrictEqual } from 'node:assert';
import {
  type DocumentContext,
  type EventRegistry,
  type Projection,
  defineProjection,
  matchesFilter,
} from '@annals/core';
import { createInMemoryDocuments } from '../in-memory/projection/in-memory-documents.ts';
import { type GivenEvent, recorded } from './given-events.ts';

/**
 * Tests a projection into documents without a store: given events, expect the read model.
 *
 * @param options `registry`: the events reach the projection as they are today
 * @example
 * await testProjection(userNames)
 *   .given({ type: 'user.created', aggregateId: 'u1', data: { name: 'Ada' } })
 *   .expect({ u1: { name: 'Ada' } });
 */
export function testProjection(
  projection: Projection<DocumentContext>,
  options: { readonly registry?: EventRegistry } = {},
): ProjectionScenario {
  return new ProjectionScenario(defineProjection(projection), options.registry, []);
}

/** Events and the projection that handles them. */
export class ProjectionScenario {
  constructor(
    private readonly projection: Projection<DocumentContext>,
    private readonly registry: EventRegistry | undefined,
    private readonly events: readonly GivenEvent[],
  ) {}

  /** The events, in order; those of several calls follow each other. What it does not ask for does not reach it. */
  given(...events: readonly GivenEvent[]): ProjectionScenario {
    return new ProjectionScenario(this.projection, this.registry, [...this.events, ...events]);
  }

  /**
   * Checks all documents, by key.
   *
   * @throws AssertionError that shows both; what the projection throws
   */
  async expect(documents: Readonly<Record<string, unknown>>): Promise<void> {
    deepStrictEqual(await this.state(), documents);
  }

  /** All documents, by key. */
  async state(): Promise<Record<string, unknown>> {
    const { name, version, filter, handle } = this.projection;
    const sink = createInMemoryDocuments();
    const { number } = await sink.begin(name, version);
    const stored = recorded(this.events, { type: 'aggregate', id: 'scenario' });
    const wanted = stored.filter((event) => matchesFilter(event, filter));
    const events = wanted.flatMap((event) => this.registry?.current(event) ?? event);
    await sink.commit(name, number, [], [], async (context) => {
      for (const event of events) await handle(event, context);
    });
    return sink.all(name);
  }
}

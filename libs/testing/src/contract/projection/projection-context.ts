import {
  type DocumentContext,
  type EventStore,
  type Projection,
  type ProjectionDefinition,
  type ProjectionStatus,
  type RecordedEvent,
  type RunningProjection,
  defineProjection,
} from '@annals/core';
import { eventually } from '../../wait/eventually.ts';
import { ContractContext, type TestAggregate, event } from '../contract-context.ts';

/** Numbered events of one aggregate, and a read model that is the list of their numbers. */
export class ProjectionContext {
  readonly aggregate: TestAggregate;
  readonly name: string;
  private readonly running: RunningProjection[] = [];
  private appended = 0;

  constructor(readonly context: ContractContext) {
    this.aggregate = context.aggregate();
    this.name = context.unique('projection');
  }

  /** Of the events of this test; `more` changes or adds to it. */
  projection(more: Partial<ProjectionDefinition<DocumentContext>> = {}): Projection<DocumentContext> {
    return defineProjection<DocumentContext>({
      name: this.name,
      tenantId: this.aggregate.tenantId,
      handle: addNumber,
      ...more,
    });
  }

  /** Runs it until the test is over. */
  async run(
    more: Partial<ProjectionDefinition<DocumentContext>> = {},
    store: EventStore = this.context.store,
  ): Promise<RunningProjection> {
    const running = await store.projections.run(this.projection(more), store.projections.documents);
    this.running.push(running);
    return running;
  }

  async stop(): Promise<void> {
    await Promise.all(this.running.splice(0).map((running) => running.stop()));
  }

  /** Appends the next numbers. @returns the position of the last one */
  async append(count: number, type = 'order.numbered'): Promise<RecordedEvent['position']> {
    const events = Array.from({ length: count }, () => event(type, { n: ++this.appended }));
    return (await this.context.append(this.aggregate, events)).events.at(-1)!.position;
  }

  async numbers(store: EventStore = this.context.store): Promise<number[]> {
    return (await store.projections.documents.readModel<number[]>(this.name).get('all')) ?? [];
  }

  /** Waits until the projection is as it should be, by any store. */
  async untilStatus(
    isRight: (status: ProjectionStatus) => boolean,
    store: EventStore = this.context.store,
  ): Promise<ProjectionStatus> {
    return eventually(async () => {
      const status = await store.projections.get(this.name).catch(() => undefined);
      return status && isRight(status) ? status : undefined;
    });
  }
}

/** Puts the event's number at the end of the one list. */
export async function addNumber({ data }: RecordedEvent, context: DocumentContext): Promise<void> {
  const numbers = (await context.get<number[]>('all')) ?? [];
  context.put('all', [...numbers, (data as { n: number }).n]);
}

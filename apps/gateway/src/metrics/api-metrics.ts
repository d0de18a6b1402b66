import type { ProblemCode } from '@annals/contract';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** Seconds; appends on a fast disk take a millisecond, a fold of a long aggregate takes seconds. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What a read was for. */
export type ReadOperation = 'history' | 'replay' | 'aggregate' | 'stats' | 'reconstruct' | 'state' | 'diff';

/** What the gateway counts and measures, for Prometheus. Each gateway has a registry of its own. */
export class ApiMetrics {
  /** Where others add what they know. */
  readonly registry = new Registry();
  readonly #requests = new Histogram({
    name: 'annals_http_request_duration_seconds',
    help: 'Time from the request to the end of its answer, by route template and status.',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: SECONDS,
    registers: [this.registry],
  });
  readonly #appends = new Histogram({
    name: 'annals_append_duration_seconds',
    help: 'Time that the store took for an append, by outcome.',
    labelNames: ['outcome'] as const,
    buckets: SECONDS,
    registers: [this.registry],
  });
  readonly #appended = new Counter({
    name: 'annals_appended_events_total',
    help: 'Events stored; repetitions of earlier appends do not count.',
    registers: [this.registry],
  });
  readonly #reads = new Histogram({
    name: 'annals_read_duration_seconds',
    help: 'Time that reading took, up to the last event, by operation and outcome.',
    labelNames: ['operation', 'outcome'] as const,
    buckets: SECONDS,
    registers: [this.registry],
  });
  readonly #read = new Counter({
    name: 'annals_read_events_total',
    help: 'Events answered with, by operation.',
    labelNames: ['operation'] as const,
    registers: [this.registry],
  });
  readonly #problems = new Counter({
    name: 'annals_problems_total',
    help: 'Requests that were answered with a problem document, by its code.',
    labelNames: ['code'] as const,
    registers: [this.registry],
  });
  readonly #streams = new Gauge({
    name: 'annals_open_streams',
    help: 'NDJSON answers under way.',
    registers: [this.registry],
  });

  /** @param isConnected asked at every scrape */
  constructor(isConnected: () => Promise<boolean>) {
    collectDefaultMetrics({ register: this.registry });
    new Gauge({
      name: 'annals_store_connected',
      help: '1 when the event store can be used, else 0.',
      registers: [this.registry],
      async collect() {
        this.set((await isConnected()) ? 1 : 0);
      },
    });
  }

  observeRequest(method: string, route: string, status: number, seconds: number): void {
    this.#requests.observe({ method, route, status }, seconds);
  }

  observeAppend(outcome: 'stored' | 'repeated' | 'failed', seconds: number, events = 0): void {
    this.#appends.observe({ outcome }, seconds);
    if (outcome === 'stored') this.#appended.inc(events);
  }

  observeRead(operation: ReadOperation, outcome: 'answered' | 'failed', seconds: number, events: number): void {
    this.#reads.observe({ operation, outcome }, seconds);
    if (events > 0) this.#read.inc({ operation }, events);
  }

  countProblem(code: ProblemCode): void {
    this.#problems.inc({ code });
  }

  streamOpened(): void {
    this.#streams.inc();
  }

  streamClosed(): void {
    this.#streams.dec();
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  /** All of it in Prometheus' text format. */
  text(): Promise<string> {
    return this.registry.metrics();
  }
}

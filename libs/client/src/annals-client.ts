import {
  type AggregateQuery,
  type AggregateResponse,
  type AppendRequest,
  type AppendResponse,
  type DiffQuery,
  type DiffResponse,
  type EventBody,
  type HistoryResponse,
  type ListQuery,
  type LiveQuery,
  NDJSON,
  type NewEventBody,
  ROUTES,
  type ReconstructQuery,
  type ReconstructRequest,
  type ReconstructResponse,
  type ReplayRequest,
  type ReplayResponse,
  type SchemaVersionsLine,
  type SchemaVersionsResponse,
  type StateQuery,
  type StateResponse,
  type StatsResponse,
  reconstructRoute,
} from '@annals/contract';
import type { AppendOutcome, AppendRequestOptions } from './append/append-options.ts';
import { LiveEvents, type LiveEvent, type LiveOptions } from './live/live-events.ts';
import { type CallOptions, type Fetch, Http, type HttpRequest } from './request/http.ts';
import { DeadLettersClient } from './dead-letter/dead-letters-client.ts';
import { StreamBrokenOff } from './error/gateway-unreachable.ts';
import { ProcessesClient } from './process/processes-client.ts';
import { ProjectionsClient } from './projection/projections-client.ts';
import { ReplaysClient } from './replay/replays-client.ts';
import { withTenant } from './request/with-tenant.ts';
import { readNdjson } from './stream/read-ndjson.ts';
import { SnapshotsClient } from './snapshot/snapshots-client.ts';
import { SubscriptionsClient } from './subscription/subscriptions-client.ts';

/** How to reach a gateway. */
export interface AnnalsClientOptions {
  /** For example `http://127.0.0.1:3000`. */
  readonly baseUrl: string;
  /** Tenant of every call that names none; the gateway's, which is `default`, unless given. */
  readonly tenantId?: string;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** `globalThis.fetch` unless given. */
  readonly fetch?: Fetch;
}

/**
 * The HTTP API of a gateway, typed. Runs wherever there is `fetch`: Node, browsers, workers.
 *
 * Every method throws ProblemError for what the gateway refuses, GatewayUnreachable where no answer came, and
 * UnexpectedAnswer where something else answered.
 *
 * @example
 * const client = new AnnalsClient({ baseUrl: 'http://127.0.0.1:3000' });
 * await client.append({ type: 'user.created', data: { name: 'Ada' }, aggregateType: 'user', aggregateId: 'u1' });
 * const { events } = await client.history({ aggregateId: 'u1' });
 */
export class AnnalsClient {
  /** What operators do with subscriptions. */
  readonly subscriptions: SubscriptionsClient;
  /** Events that subscriptions gave up on. */
  readonly deadLetters: DeadLettersClient;
  /** Jobs that hand stored events over again. */
  readonly replays: ReplaysClient;
  /** States that need not be folded from the first event. */
  readonly snapshots: SnapshotsClient;
  /** What operators do with projections. */
  readonly projections: ProjectionsClient;
  /** What goes on over several aggregates. */
  readonly processes: ProcessesClient;
  readonly #http: Http;
  readonly #tenantId: string | undefined;

  constructor({ baseUrl, tenantId, headers = {}, fetch }: AnnalsClientOptions) {
    const send = fetch ?? ((url, init) => globalThis.fetch(url, init));
    this.#http = new Http(baseUrl.replace(/\/+$/, ''), send, headers);
    this.#tenantId = tenantId;
    this.subscriptions = new SubscriptionsClient(this.#http);
    this.deadLetters = new DeadLettersClient(this.#http, tenantId);
    this.replays = new ReplaysClient(this.#http, tenantId);
    this.snapshots = new SnapshotsClient(this.#http, tenantId);
    this.projections = new ProjectionsClient(this.#http);
    this.processes = new ProcessesClient(this.#http, tenantId);
  }

  /**
   * Stores one event, or several all or none.
   *
   * @returns the stored events, and whether an earlier attempt had stored them
   */
  async append(
    events: NewEventBody | readonly NewEventBody[],
    options: AppendRequestOptions = {},
  ): Promise<AppendOutcome> {
    const body: AppendRequest = isList(events) ? { events } : events;
    const { idempotencyKey, ifMatch, ifNoneMatch, tenantId, signal } = options;
    const answer = await this.#http.json<AppendResponse>({
      method: 'POST',
      path: ROUTES.append,
      query: this.#withTenant({ tenantId }),
      body,
      headers: {
        'idempotency-key': idempotencyKey,
        'if-match': typeof ifMatch === 'number' ? `"${ifMatch}"` : ifMatch,
        'if-none-match': ifNoneMatch,
      },
      signal,
    });
    return { events: answer.body.events, repeated: answer.response.status === 200 };
  }

  /** A page of the history of an aggregate, a type or all. */
  async history(query: ListQuery = {}, options: CallOptions = {}): Promise<HistoryResponse> {
    return this.#get(ROUTES.history, query, options);
  }

  /** A page of the events that match. */
  async replay(query: ListQuery = {}, options: CallOptions = {}): Promise<ReplayResponse> {
    return this.#get(ROUTES.replay, query, options);
  }

  /** As {@link replay}, with the criteria in the body: for lists of types that are too long for a URL. */
  async replayByBody(request: ReplayRequest = {}, options: CallOptions = {}): Promise<ReplayResponse> {
    const body = this.#withTenant(request);
    const answer = await this.#http.json<ReplayResponse>({ method: 'POST', path: ROUTES.replay, body, ...options });
    return answer.body;
  }

  /** An aggregate's events and the version of its head. @throws ProblemError `aggregate-not-found` */
  async aggregate(query: AggregateQuery, options: CallOptions = {}): Promise<AggregateResponse> {
    return this.#get(ROUTES.aggregate, query, options);
  }

  /** As {@link aggregate}, or undefined when the aggregate is still at `knownVersion`. */
  async aggregateIfNewer(
    query: AggregateQuery,
    knownVersion: number,
    options: CallOptions = {},
  ): Promise<AggregateResponse | undefined> {
    const headers = { 'if-none-match': `"${knownVersion}"` };
    const request: HttpRequest = {
      method: 'GET',
      path: ROUTES.aggregate,
      query: this.#withTenant(query),
      headers,
      ...options,
    };
    const response = await this.#http.send(request);
    return response.status === 304 ? undefined : ((await response.json()) as AggregateResponse);
  }

  /** Exact counts of the tenant's events. */
  async stats(query: { readonly tenantId?: string } = {}, options: CallOptions = {}): Promise<StatsResponse> {
    return this.#get(ROUTES.stats, query, options);
  }

  /** An aggregate's state: the newest, or at a version or time. @throws ProblemError `aggregate-not-found` */
  async state<State = unknown>(query: StateQuery, options: CallOptions = {}): Promise<StateResponse<State>> {
    return this.#get(ROUTES.aggregateState, query, options);
  }

  /**
   * What changed between two states of an aggregate, when, and by which event.
   *
   * @throws ProblemError `result-too-large` beyond 1,000 events
   * @example
   * const { changes } = await client.diff({ aggregateId: 'u1', from: 3 });
   */
  async diff(query: DiffQuery, options: CallOptions = {}): Promise<DiffResponse> {
    return this.#get(ROUTES.aggregateDiff, query, options);
  }

  /**
   * Which schema versions are stored, and whether each has a way to the current one. Reads the whole log: that may take long.
   *
   * @param options `onProgress` is told of the events read so far
   * @throws as {@link streamHistory}
   */
  async schemaVersions(
    query: { readonly tenantId?: string } = {},
    { onProgress, ...options }: CallOptions & { readonly onProgress?: (events: number) => void } = {},
  ): Promise<SchemaVersionsResponse> {
    const request = this.#ndjson(ROUTES.schemaVersions, query, options);
    const lines = readNdjson<SchemaVersionsLine>(
      await this.#http.send(request),
      this.#http.urlOf(request),
      options.signal,
    );
    for await (const line of lines) {
      if ('versions' in line) return line;
      onProgress?.(line.read);
    }
    throw new StreamBrokenOff(this.#http.urlOf(request));
  }

  /** An aggregate's state at a version or time, and a page of the events it was folded from. */
  async reconstruct<State = unknown>(
    aggregateId: string,
    request: ReconstructRequest & ReconstructQuery = {},
    options: CallOptions = {},
  ): Promise<ReconstructResponse<State>> {
    const { type, tenantId, ...body } = request;
    const answer = await this.#http.json<ReconstructResponse<State>>({
      method: 'POST',
      path: reconstructRoute(aggregateId),
      query: this.#withTenant({ type, tenantId }),
      body,
      ...options,
    });
    return answer.body;
  }

  /**
   * All events of a history as they come, in bounded memory.
   *
   * @throws StreamBrokenOff, or ProblemError where the gateway said why, when it ends before its end
   */
  streamHistory(query: ListQuery = {}, options: CallOptions = {}): AsyncIterable<EventBody> {
    return this.#stream(ROUTES.history, query, options);
  }

  /** All events that match as they come, in bounded memory. @throws as {@link streamHistory} */
  streamReplay(query: ListQuery = {}, options: CallOptions = {}): AsyncIterable<EventBody> {
    return this.#stream(ROUTES.replay, query, options);
  }

  /** All events of an aggregate as they come, in bounded memory. @throws as {@link streamHistory} */
  streamAggregate(query: AggregateQuery, options: CallOptions = {}): AsyncIterable<EventBody> {
    return this.#stream(ROUTES.aggregate, query, options);
  }

  /**
   * Events as they are stored, from now on unless the query says otherwise, until the signal is aborted or the loop is left.
   * Lost connections are made anew behind the last event, without a gap and without doubling.
   *
   * @throws what the first connection fails with; later ProblemError where it would happen again
   * @example
   * for await (const { event, cursor } of client.live({ eventTypes: ['user.*'] })) console.log(event.type, cursor);
   */
  live(query: LiveQuery = {}, options: LiveOptions = {}): AsyncIterable<LiveEvent> {
    return new LiveEvents(this.#http, this.#withTenant(query), options);
  }

  /** The pages of a history, one request each, until there is none left. */
  async *historyPages(
    query: ListQuery = {},
    options: CallOptions = {},
  ): AsyncGenerator<HistoryResponse, void, undefined> {
    let next: string | null | undefined = query.cursor;
    do {
      const page: HistoryResponse = await this.history({ ...query, ...(next != null && { cursor: next }) }, options);
      yield page;
      next = page.nextCursor;
    } while (next !== null);
  }

  async #get<Body>(path: string, query: { readonly tenantId?: string }, options: CallOptions): Promise<Body> {
    return (await this.#http.json<Body>({ method: 'GET', path, query: this.#withTenant(query), ...options })).body;
  }

  async *#stream(path: string, query: ListQuery, options: CallOptions): AsyncGenerator<EventBody, void, undefined> {
    const request = this.#ndjson(path, query, options);
    yield* readNdjson<EventBody>(await this.#http.send(request), this.#http.urlOf(request), options.signal);
  }

  #ndjson(path: string, query: { readonly tenantId?: string }, options: CallOptions): HttpRequest {
    return { method: 'GET', path, query: this.#withTenant(query), headers: { accept: NDJSON }, ...options };
  }

  #withTenant<Query extends { readonly tenantId?: string | undefined }>(query: Query): Query {
    return withTenant(query, this.#tenantId);
  }
}

function isList(events: NewEventBody | readonly NewEventBody[]): events is readonly NewEventBody[] {
  return Array.isArray(events);
}

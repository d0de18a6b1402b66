import {
  ROUTES,
  type SnapshotBody,
  type SnapshotRef,
  type SnapshotsQuery,
  type SnapshotsResponse,
  snapshotRoute,
} from '@annals/contract';
import type { CallOptions, Http } from '../request/http.ts';
import { withTenant } from '../request/with-tenant.ts';

/** Snapshots of aggregates. Every method throws as those of AnnalsClient do. */
export class SnapshotsClient {
  readonly #http: Http;
  readonly #tenantId: string | undefined;

  constructor(http: Http, tenantId: string | undefined) {
    this.#http = http;
    this.#tenantId = tenantId;
  }

  /** A page of them, without their states. */
  list(query: SnapshotsQuery = {}, options: CallOptions = {}): Promise<SnapshotsResponse> {
    const tenantQuery = withTenant(query, this.#tenantId);
    return this.#http.body({ method: 'GET', path: ROUTES.snapshots, query: tenantQuery, ...options });
  }

  /** @throws ProblemError `snapshot-not-found` */
  get<State = unknown>(ref: SnapshotRef, options: CallOptions = {}): Promise<SnapshotBody<State>> {
    return this.#http.body({ method: 'GET', ...this.#about(ref), ...options });
  }

  /**
   * Takes a snapshot of the newest state now, or answers with the one that is as new.
   *
   * @throws ProblemError `no-reducer` for a type that the gateway's module has no aggregate of
   */
  take<State = unknown>(ref: SnapshotRef, options: CallOptions = {}): Promise<SnapshotBody<State>> {
    return this.#http.body({ method: 'POST', ...this.#about(ref), ...options });
  }

  /** Removes it: the state is folded from events until the next. @throws ProblemError `snapshot-not-found` */
  async delete(ref: SnapshotRef, options: CallOptions = {}): Promise<void> {
    await this.#http.send({ method: 'DELETE', ...this.#about(ref), ...options });
  }

  #about({ type, id, tenantId }: SnapshotRef): { readonly path: string; readonly query: object } {
    return { path: snapshotRoute(type, id), query: withTenant({ tenantId }, this.#tenantId) };
  }
}

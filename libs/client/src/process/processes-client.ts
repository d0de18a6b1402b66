import {
  type EndProcessInstanceRequest,
  type ProcessBody,
  type ProcessInstanceBody,
  type ProcessInstancesQuery,
  type ProcessInstancesResponse,
  type ProcessesResponse,
  ROUTES,
  processInstanceRoute,
  processRoute,
} from '@annals/contract';
import type { CallOptions, Http } from '../request/http.ts';
import { withTenant } from '../request/with-tenant.ts';

/** What operators see of process managers. Every method throws as those of AnnalsClient do. */
export class ProcessesClient {
  readonly #http: Http;
  readonly #tenantId: string | undefined;

  constructor(http: Http, tenantId: string | undefined) {
    this.#http = http;
    this.#tenantId = tenantId;
  }

  /** A page of them, by name. */
  list(
    query: { readonly limit?: number; readonly cursor?: string } = {},
    options: CallOptions = {},
  ): Promise<ProcessesResponse> {
    return this.#http.body({ method: 'GET', path: ROUTES.processes, query, ...options });
  }

  /** @throws ProblemError `process-not-found` */
  get(name: string, options: CallOptions = {}): Promise<ProcessBody> {
    return this.#http.body({ method: 'GET', path: processRoute(name), ...options });
  }

  /** A page of a process's instances. @throws ProblemError `process-not-found` */
  instances(
    name: string,
    query: ProcessInstancesQuery = {},
    options: CallOptions = {},
  ): Promise<ProcessInstancesResponse> {
    const tenantQuery = withTenant(query, this.#tenantId);
    return this.#http.body({ method: 'GET', path: processRoute(name, 'instances'), query: tenantQuery, ...options });
  }

  /** @throws ProblemError `process-not-found`, `process-instance-not-found` */
  instance(
    name: string,
    key: string,
    query: { readonly tenantId?: string } = {},
    options: CallOptions = {},
  ): Promise<ProcessInstanceBody> {
    const tenantQuery = withTenant(query, this.#tenantId);
    return this.#http.body({ method: 'GET', path: processInstanceRoute(name, key), query: tenantQuery, ...options });
  }

  /** Ends an instance; nothing is compensated. @throws ProblemError as {@link instance}, `process-instance-ended` */
  end(
    name: string,
    key: string,
    request: EndProcessInstanceRequest = {},
    options: CallOptions = {},
  ): Promise<ProcessInstanceBody> {
    const body = withTenant(request, this.#tenantId);
    return this.#http.body({ method: 'POST', path: processInstanceRoute(name, key, 'end'), body, ...options });
  }
}

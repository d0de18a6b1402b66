import {
  type CreateSubscriptionRequest,
  ROUTES,
  type RewindResponse,
  type StartBody,
  type SubscriptionBody,
  type SubscriptionsResponse,
  subscriptionRoute,
} from '@annals/contract';
import type { CallOptions, Http } from '../request/http.ts';

/** What operators do with subscriptions. Every method throws as those of AnnalsClient do. */
export class SubscriptionsClient {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  /** A page of them, by name. */
  list(
    query: { readonly limit?: number; readonly cursor?: string } = {},
    options: CallOptions = {},
  ): Promise<SubscriptionsResponse> {
    return this.#http.body({ method: 'GET', path: ROUTES.subscriptions, query, ...options });
  }

  /** @throws ProblemError `subscription-not-found` */
  get(name: string, options: CallOptions = {}): Promise<SubscriptionBody> {
    return this.#http.body({ method: 'GET', path: subscriptionRoute(name), ...options });
  }

  /**
   * Makes a subscription that keeps its place until a service handles it; the same again changes nothing.
   *
   * @throws ProblemError `subscription-conflict` when one of that name is otherwise
   */
  create(subscription: CreateSubscriptionRequest, options: CallOptions = {}): Promise<SubscriptionBody> {
    return this.#http.body({ method: 'POST', path: ROUTES.subscriptions, body: subscription, ...options });
  }

  /** Delivers nothing until it is resumed; what is in hand is finished. */
  pause(name: string, options: CallOptions = {}): Promise<SubscriptionBody> {
    return this.#http.body({ method: 'POST', path: subscriptionRoute(name, 'pause'), ...options });
  }

  resume(name: string, options: CallOptions = {}): Promise<SubscriptionBody> {
    return this.#http.body({ method: 'POST', path: subscriptionRoute(name, 'resume'), ...options });
  }

  /** Sets it to another place, back or forward. */
  rewind(name: string, to: StartBody, options: CallOptions = {}): Promise<RewindResponse> {
    return this.#rewind(name, { to }, options);
  }

  /** What {@link rewind} would do. */
  previewRewind(name: string, to: StartBody, options: CallOptions = {}): Promise<RewindResponse> {
    return this.#rewind(name, { to, preview: true }, options);
  }

  /** Removes it with its place; its dead letters stay. */
  async delete(name: string, options: CallOptions = {}): Promise<void> {
    await this.#http.send({ method: 'DELETE', path: subscriptionRoute(name), ...options });
  }

  #rewind(name: string, body: object, options: CallOptions): Promise<RewindResponse> {
    return this.#http.body({ method: 'POST', path: subscriptionRoute(name, 'rewind'), body, ...options });
  }
}

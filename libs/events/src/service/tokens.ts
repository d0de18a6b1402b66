/** Injects the service by its interface: `@Inject('EventsService') events: IEventsService`. */
export const EVENTS_SERVICE = 'EventsService';

/** Injects the store itself (`EventStore` of `@annals/core`), for what the service does not offer. */
export const EVENT_STORE = 'EventStore';

/** The service's own options, checked and with their defaults. */
export const SERVICE_OPTIONS = Symbol('annals:service-options');

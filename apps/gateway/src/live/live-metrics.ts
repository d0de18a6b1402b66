import { Counter, Gauge, type Registry } from 'prom-client';

/** How a client is connected. */
export type Transport = 'sse' | 'websocket';

/** Why a client was dropped by the gateway. */
export type DropReason = 'too-slow' | 'silent' | 'failed';

/** What is counted of live clients, for Prometheus. */
export class LiveMetrics {
  readonly #clients: Gauge<'transport'>;
  readonly #sent: Counter<'transport'>;
  readonly #bytes: Counter<'transport'>;
  readonly #dropped: Counter<'reason'>;
  readonly #catchUps: Counter;
  readonly #unrecorded: Counter;

  /** @param filters asked at every scrape */
  constructor(registry: Registry, filters: () => number) {
    const registers = [registry];
    this.#clients = new Gauge({
      name: 'annals_live_clients',
      help: 'Live clients that are connected, by transport.',
      labelNames: ['transport'],
      registers,
    });
    this.#sent = new Counter({
      name: 'annals_live_events_sent_total',
      help: 'Events sent to live clients, each client counted, by transport.',
      labelNames: ['transport'],
      registers,
    });
    this.#bytes = new Counter({
      name: 'annals_live_sent_bytes_total',
      help: 'Bytes of events sent to live clients, by transport.',
      labelNames: ['transport'],
      registers,
    });
    this.#dropped = new Counter({
      name: 'annals_live_clients_dropped_total',
      help: 'Live clients that the gateway dropped, by reason.',
      labelNames: ['reason'],
      registers,
    });
    this.#catchUps = new Counter({
      name: 'annals_live_catch_up_reads_total',
      help: 'Pages read from the store for clients that began earlier or could not keep up.',
      registers,
    });
    this.#unrecorded = new Counter({
      name: 'annals_live_unrecorded_connections_total',
      help: 'Connects and disconnects of sockets that could not be stored as events.',
      registers,
    });
    new Gauge({
      name: 'annals_live_filters',
      help: 'Different filters that are followed for live clients.',
      registers,
      collect() {
        this.set(filters());
      },
    });
  }

  clientConnected(transport: Transport): void {
    this.#clients.inc({ transport });
  }

  clientGone(transport: Transport): void {
    this.#clients.dec({ transport });
  }

  eventSent(transport: Transport, bytes: number): void {
    this.#sent.inc({ transport });
    this.#bytes.inc({ transport }, bytes);
  }

  clientDropped(reason: DropReason): void {
    this.#dropped.inc({ reason });
  }

  catchUpRead(): void {
    this.#catchUps.inc();
  }

  connectionUnrecorded(): void {
    this.#unrecorded.inc();
  }
}

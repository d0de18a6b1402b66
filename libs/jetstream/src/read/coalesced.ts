interface Flight<T> {
  readonly running: Promise<T>;
  /** Begins when `running` has ended, for all who came while it went on. */
  next: Promise<T> | undefined;
}

/**
 * Lets calls for the same thing share their work without handing anybody what was read before he asked: who comes while
 * one goes on waits for it to end and shares the one after it with all others who came meanwhile.
 */
export class Coalesced<T> {
  private readonly flights = new Map<string, Flight<T>>();

  run(key: string, work: () => Promise<T>): Promise<T> {
    const flight = this.flights.get(key);
    if (!flight) return this.start(key, work);
    const start = (): Promise<T> => this.start(key, work);
    return (flight.next ??= flight.running.then(start, start));
  }

  private start(key: string, work: () => Promise<T>): Promise<T> {
    const running = work();
    const flight: Flight<T> = { running, next: undefined };
    this.flights.set(key, flight);
    const end = (): void => {
      if (this.flights.get(key) === flight && !flight.next) this.flights.delete(key);
    };
    running.then(end, end);
    return running;
  }
}

/** The part of autocannon 9 that the benchmark uses; the package comes without types. */
declare module 'autocannon' {
  interface Client {
    setRequests(requests: readonly RequestTemplate[]): void;
  }

  interface RequestTemplate {
    readonly setupRequest?: (request: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
  }

  interface Options {
    readonly url: string;
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly connections: number;
    /** Seconds. */
    readonly duration: number;
    /** Milliseconds between looks at whether to stop. */
    readonly sampleInt: number;
    readonly setupClient: (client: Client) => void;
  }

  interface Run extends Promise<unknown> {
    /** There once the load has begun. */
    readonly stop?: () => void;
    on(event: 'response', listener: (client: Client, status: number, bytes: number, ms: number) => void): unknown;
    on(event: 'reqError', listener: (error: Error) => void): unknown;
  }

  export default function autocannon(options: Options): Run;
}

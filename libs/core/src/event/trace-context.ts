/** W3C trace context, stored in the headers of every event of an append. */
export interface TraceContext {
  readonly traceparent: string;
  readonly tracestate?: string;
}

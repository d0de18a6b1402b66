export { AnnalsClient, type AnnalsClientOptions } from './annals-client.ts';
export { type AppendOutcome, type AppendRequestOptions } from './append/append-options.ts';
export { type LiveEvent, type LiveOptions } from './live/live-events.ts';
export { type CallOptions, type Fetch } from './request/http.ts';
export { ProblemError, isProblemError } from './error/problem-error.ts';
export { GatewayUnreachable, StreamBrokenOff, UnexpectedAnswer } from './error/gateway-unreachable.ts';
export { SubscriptionsClient } from './subscription/subscriptions-client.ts';
export { DeadLettersClient } from './dead-letter/dead-letters-client.ts';
export { ReplaysClient, type StartReplayOptions } from './replay/replays-client.ts';

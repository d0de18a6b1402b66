import {
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
  type Type,
  UseInterceptors,
} from '@nestjs/common';
import { type Observable, catchError, throwError } from 'rxjs';
import { EventContext } from './event-context.ts';

/** Notes what a handler or its pipes threw, and changes nothing. */
const noteFailures: NestInterceptor = {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const handled = context.getType() === 'rpc' ? context.switchToRpc().getContext<unknown>() : undefined;
    if (!(handled instanceof EventContext)) return next.handle();
    return next.handle().pipe(
      catchError((error: unknown) => {
        handled.noteFailure(error);
        return throwError(() => error);
      }),
    );
  },
};

const watched = new WeakSet<object>();

/**
 * Has failures of a handler noted in its {@link EventContext}. Nest gives a transport no way to see them: its exception
 * handling turns every unknown error into "Internal server error", which would be all that a dead letter tells.
 *
 * Must come before the handler is bound to the transport.
 */
export function keepFailuresOf(type: Type, method: string): void {
  const prototype = type.prototype as Record<string, unknown>;
  const handler = prototype[method];
  if (typeof handler !== 'function' || watched.has(handler)) return;
  watched.add(handler);
  UseInterceptors(noteFailures)(prototype, method, { value: handler });
}

import { type EventHandler, type HandlerContext, isThenable } from '@annals/core';
import { correlationOf, runInCorrelation } from '../correlation/correlation.ts';
import { rejectionReason } from './reject-event.ts';

/**
 * A handler whose published events carry on the chain of the event it handles, and whose rejections become dead letters.
 *
 * It stays synchronous where the handler is: a promise for each event would halve the rate of quick handlers.
 */
export function correlatedHandler(handler: EventHandler): EventHandler {
  return (event, context) =>
    runInCorrelation(correlationOf(event), () => {
      let result: unknown;
      try {
        result = handler(event, context);
      } catch (error) {
        throw noted(error, context);
      }
      if (!isThenable(result)) return result;
      return (result as PromiseLike<unknown>).then(undefined, (error: unknown) => {
        throw noted(error, context);
      });
    });
}

function noted(error: unknown, context: HandlerContext): unknown {
  const reason = rejectionReason(error);
  if (reason !== undefined) context.deadLetter(reason);
  return error;
}

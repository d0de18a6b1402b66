import type { ValidationProblem } from '@annals/core';
import type { MessageHandler } from '@nestjs/microservices';
import type { EventHandlerExtras } from '../subscribe/handler-options.ts';
import type { HandlerPlace, HandlerPlaces } from './handler-places.ts';

/** A pattern of a decorator with the function that Nest made for it. */
export interface BoundPattern {
  readonly pattern: string;
  readonly handler: MessageHandler;
}

/** A method with all its patterns. */
export interface BoundHandler {
  /** `<Class>.<method>`. */
  readonly place: string;
  readonly extras: EventHandlerExtras;
  readonly bound: readonly [BoundPattern, ...BoundPattern[]];
}

/** What Nest binds to a transport, put together again by method: it comes a pattern at a time, and without names. */
export class BoundHandlers {
  private readonly byExtras = new Map<object, BoundPattern[]>();

  constructor(private readonly places: HandlerPlaces) {}

  add(pattern: unknown, handler: MessageHandler, extras: object): void {
    const bindings = this.byExtras.get(extras) ?? [];
    bindings.push({ pattern: pattern as string, handler });
    this.byExtras.set(extras, bindings);
  }

  /** @param problems handlers that cannot be served are added here */
  list(problems: ValidationProblem[]): readonly BoundHandler[] {
    const found: BoundHandler[] = [];
    for (const [extras, bindings] of this.byExtras) {
      const [first] = bindings;
      const owners = this.places.get(extras);
      if (!owners) {
        const message =
          'belongs to no controller of the module that the transport was made with: give it the root module, or take ' +
          'the transport from the application';
        problems.push({ path: String(first!.pattern), message });
        continue;
      }
      const each = bindings.length / owners.length;
      owners.forEach((owner, i) => {
        const bound = bindings.slice(i * each, (i + 1) * each) as [BoundPattern, ...BoundPattern[]];
        if (owner.isEvent) found.push({ place: placeName(owner), extras, bound });
        else problems.push(refusedMessage(owner));
      });
    }
    return found;
  }
}

function placeName({ type, method }: HandlerPlace): string {
  return `${type.name}.${method}`;
}

function refusedMessage(place: HandlerPlace): ValidationProblem {
  const [pattern] = place.patterns.map((one) => (typeof one === 'string' ? `'${one}'` : JSON.stringify(one)));
  const message =
    `is a @MessagePattern: events are stored and have no reply. Bind it to Nest's own NATS transport, ` +
    `@MessagePattern(${pattern}, Transport.NATS), and connect that beside this one in a hybrid application: ` +
    'app.connectMicroservice({ transport: Transport.NATS })';
  return { path: placeName(place), message };
}

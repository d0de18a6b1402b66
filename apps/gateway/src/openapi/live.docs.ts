import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiHeader, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from './problems.docs.ts';
import { EventSchema } from './schemas.ts';
import { tenantQuery } from './tenant-query.ts';

const EXAMPLE = 'retry: 1500\nid: EVENTS:16\n\nid: EVENTS:17\ndata: {"id":"01J9Z3…","type":"user.created", …}\n\n:\n\n';

/** Describes `GET /events/live`. */
export function ApiLiveEvents(): MethodDecorator {
  return applyDecorators(
    ApiTags('events'),
    ApiOperation({
      operationId: 'followEvents',
      summary: 'Events as they are stored',
      description:
        'Server-sent events without end. Each event is a message (no event name) whose data is the event as JSON and whose ' +
        'id is the place in the log behind it. caught-up says that everything that was stored at the start was sent; ' +
        'problem, with a problem document, that the stream is about to end. Comments are signs of life.',
    }),
    ApiHeader({
      name: 'Last-Event-ID',
      required: false,
      description: 'The id of the last event that was received: go on behind it. Browsers send it by themselves.',
    }),
    ApiExtraModels(EventSchema),
    ApiResponse({
      status: 200,
      description: 'The stream.',
      content: { 'text/event-stream': { schema: { type: 'string' }, example: EXAMPLE } },
    }),
    ApiProblems(400, 403, 421, 503),
  );
}

/** Describes `/events/ws`, of which OpenAPI knows only the request that begins it. */
export function ApiLiveSocket(): MethodDecorator {
  return applyDecorators(
    ApiTags('events'),
    ApiOperation({
      operationId: 'openLiveSocket',
      summary: 'Events as they are stored, over a WebSocket',
      description:
        'After the upgrade both sides send JSON in text messages. The client: {"type":"subscribe","id","filter","from"}, ' +
        '{"type":"unsubscribe","id"}, {"type":"ping"}. The gateway: subscribed, event (id, cursor, event), caught-up, ' +
        'unsubscribed, error (with a problem document), pong.',
    }),
    tenantQuery('The tenant of filters that name none; default unless given.'),
    ApiQuery({ name: 'userId', required: false, description: 'Who connects, for the events about connections.' }),
    ApiHeader({ name: 'X-User-Id', required: false, description: 'The same, for clients that can send headers.' }),
    ApiResponse({ status: 101, description: 'The protocol changes to WebSocket.' }),
    ApiProblems(400, 403, 421, 426, 503),
  );
}

import { applyDecorators } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { LiveResponseSchema, ReadyResponseSchema } from './schemas.ts';

/** Describes `GET /health/live`. */
export function ApiLive(): MethodDecorator {
  return applyDecorators(
    ApiTags('operations'),
    ApiOperation({ operationId: 'getLiveness', summary: 'The process runs' }),
    ApiResponse({ status: 200, description: 'It does.', type: LiveResponseSchema }),
  );
}

/** Describes `GET /health/ready`. */
export function ApiReady(): MethodDecorator {
  return applyDecorators(
    ApiTags('operations'),
    ApiOperation({ operationId: 'getReadiness', summary: 'Events can be stored and read' }),
    ApiResponse({ status: 200, description: 'They can.', type: ReadyResponseSchema }),
    ApiResponse({ status: 503, description: 'They cannot, for the reason given.', type: ReadyResponseSchema }),
  );
}

/** Describes `GET /metrics`. */
export function ApiMetricsText(): MethodDecorator {
  return applyDecorators(
    ApiTags('operations'),
    ApiOperation({ operationId: 'getMetrics', summary: 'Metrics for Prometheus' }),
    ApiResponse({
      status: 200,
      description: 'Text format.',
      content: { 'text/plain': { schema: { type: 'string' } } },
    }),
  );
}

import { HttpException } from '@nestjs/common';
import { HttpProblem } from './http-problem.ts';

/** What is known of the request that the framework refused. */
export interface RefusedRequest {
  readonly method: string;
  readonly path: string;
  /** What the path takes; empty for an unknown path. */
  readonly allowedMethods: readonly string[];
  readonly bodyLimitBytes: number;
}

/** What Fastify and Nest throw by themselves, as the problem that it is to a client; undefined for anything else. */
export function frameworkProblem(error: unknown, request: RefusedRequest): HttpProblem | undefined {
  if (error instanceof HttpException && error.getStatus() === 404) return unknownRoute(request);
  switch ((error as { code?: unknown } | null | undefined)?.code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
    case 'FST_ERR_CTP_EMPTY_TYPE':
      return new HttpProblem('unsupported-media-type', 'Send the body as application/json.');
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new HttpProblem(
        'body-too-large',
        `The body is larger than ${request.bodyLimitBytes} bytes: send fewer events at once.`,
        { limitBytes: request.bodyLimitBytes },
        // What is still to come of the body is not read.
        { connection: 'close' },
      );
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new HttpProblem('malformed-request', 'The body is not as long as Content-Length says.');
    case 'FST_ERR_BAD_URL':
      return new HttpProblem('malformed-request', 'The path is not a valid URL; a % of its own is written %25.');
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return new HttpProblem('malformed-request', 'A part of the path is too long.');
    default:
      return undefined;
  }
}

function unknownRoute({ method, path, allowedMethods }: RefusedRequest): HttpProblem {
  if (allowedMethods.length === 0) {
    return new HttpProblem('not-found', `There is nothing at ${path}; /docs lists the routes.`);
  }
  const allow = allowedMethods.join(', ');
  return new HttpProblem(
    'method-not-allowed',
    `${path} does not take ${method}, only ${allow}.`,
    { allowedMethods },
    { allow },
  );
}

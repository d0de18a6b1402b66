import type { Socket } from 'node:net';
import { STATUS_CODES } from 'node:http';
import { PROBLEM_TITLES, type Problem, problemType } from '@annals/contract';
import type { HttpProblemCode } from '../problem/http-problem.ts';
import { PROBLEM_STATUS } from '../problem/problem-status.ts';

const DETAILS: Readonly<Record<string, readonly [HttpProblemCode, string]>> = {
  HPE_HEADER_OVERFLOW: ['headers-too-large', 'The request line and headers take more than 16 KiB.'],
  ERR_HTTP_REQUEST_TIMEOUT: [
    'request-incomplete',
    'The request did not arrive in time: send it faster, or less at once.',
  ],
};

/** Answers bytes that Node could not read as a request, before Fastify or Nest see anything of it, and hangs up. */
export function answerUnreadableRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const [code, detail] = DETAILS[error.code ?? ''] ?? ['malformed-request', 'What was sent is no HTTP request.'];
  const status = PROBLEM_STATUS[code];
  const problem: Problem = {
    type: problemType(code),
    title: PROBLEM_TITLES[code],
    status,
    code,
    detail,
    instance: '/',
  };
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/problem+json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

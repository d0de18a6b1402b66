import { setTimeout as delay } from 'node:timers/promises';
import type { CommandContext } from '../command/command-context.ts';
import { CAUSATION_ID, CORRELATION_ID, IDEMPOTENCY_KEY, USER_ID } from '../http/command-headers.ts';
import { HttpProblem, type Problem } from '../http/problem.ts';

/** A command to another service, as part of a chain. */
export interface PeerCommand {
  readonly method: 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  readonly context: Pick<CommandContext, 'correlationId' | 'causationId' | 'userId'>;
  /** Needed: only a command that can be told from its repetition may be tried again. */
  readonly idempotencyKey: string;
}

const TIMEOUT_MS = 5_000;
const ATTEMPTS = 3;
const PAUSE_MS = 100;

/** Sends commands to another service of the marketplace; passes correlation and causation on in headers. */
export class PeerClient {
  constructor(
    private readonly name: string,
    private readonly baseUrl: string,
    private readonly fetch: typeof globalThis.fetch = globalThis.fetch,
  ) {}

  /**
   * Carries out a command there; tries up to three times while the service cannot be reached or is not ready (503).
   *
   * @throws HttpProblem as the other service answered (4xx), else 502 or 503
   */
  async command<Answer>(command: PeerCommand): Promise<Answer> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.send<Answer>(command);
      } catch (error) {
        const mayPass = !(error instanceof HttpProblem) || error.problem.status === 503;
        if (!mayPass) throw error;
        if (attempt === ATTEMPTS) throw this.unavailable(error);
        await delay(PAUSE_MS * attempt);
      }
    }
  }

  private async send<Answer>({ method, path, body, context, idempotencyKey }: PeerCommand): Promise<Answer> {
    const response = await this.fetch(`${this.baseUrl}${path}`, {
      method,
      headers: {
        accept: 'application/json',
        [IDEMPOTENCY_KEY]: idempotencyKey,
        ...(context.correlationId !== undefined && { [CORRELATION_ID]: context.correlationId }),
        ...(context.causationId !== undefined && { [CAUSATION_ID]: context.causationId }),
        ...(context.userId !== undefined && { [USER_ID]: context.userId }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const answer = (await response.json()) as Answer;
    if (response.ok) return answer;
    const problem = answer as Problem;
    if (response.status >= 500 && response.status !== 503) {
      throw new HttpProblem(502, `${this.name}-failed`, `The ${this.name} service failed`, problem.detail);
    }
    throw new HttpProblem(response.status, problem.code, problem.title, problem.detail, problem);
  }

  private unavailable(cause: unknown): HttpProblem {
    return new HttpProblem(
      503,
      `${this.name}-unavailable`,
      `The ${this.name} service cannot be reached`,
      `No useful answer after ${ATTEMPTS} attempts. Repeat the command with the same idempotency key.`,
      {},
      { cause },
    );
  }
}

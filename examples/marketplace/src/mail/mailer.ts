import { currentCorrelation } from '@annals/events';
import { Logger } from '@nestjs/common';
import { CORRELATION_ID, IDEMPOTENCY_KEY } from '../http/command-headers.ts';

/** A mail to send. */
export interface Mail {
  /** One mail is sent for an id, however often it is asked for. */
  readonly id: string;
  readonly to: string;
  readonly subject: string;
}

const TIMEOUT_MS = 5_000;

/** Hands mails to a mail service over HTTP; without one it logs them. */
export class Mailer {
  private readonly logger = new Logger('Mailer');

  constructor(private readonly url: string | undefined) {}

  /** @throws Error when the mail service does not take it */
  async send({ id, to, subject }: Mail): Promise<void> {
    if (this.url === undefined) {
      this.logger.debug(`No MAIL_URL, so this is not sent: ${subject}`);
      return;
    }
    const { correlationId } = currentCorrelation();
    const response = await fetch(this.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        [IDEMPOTENCY_KEY]: id,
        ...(correlationId !== undefined && { [CORRELATION_ID]: correlationId }),
      },
      body: JSON.stringify({ to, subject }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`the mail service answered ${response.status}`);
  }
}

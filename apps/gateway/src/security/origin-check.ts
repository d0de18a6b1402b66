import { HttpProblem } from '../problem/http-problem.ts';
import { hostNameOf, isLoopbackName } from './host-name.ts';

/** Decides whether a page may read live events, by its Origin header and the Host it asked. Throws when not. */
export type OriginCheck = (origin: string | undefined, host: string | undefined) => void;

/** What is wrong with a configured origin, or undefined when nothing is. */
export function originProblem(origin: string): string | undefined {
  const isOrigin = /^https?:\/\//.test(origin) && URL.canParse(origin) && new URL(origin).origin === origin;
  return isOrigin ? undefined : 'must be an origin like https://app.example.org, with scheme and without path';
}

/**
 * Lets in what comes from no page, from a page of the gateway's own host, of a loopback host, or of an allowed origin.
 *
 * Browsers let the pages of every site open a WebSocket to anywhere, without asking first: without this, any page could
 * read the store of the developer who looks at it.
 */
export function createOriginCheck(allowedOrigins: readonly string[]): OriginCheck {
  const allowed = new Set(allowedOrigins);
  return (header, host) => {
    if (header === undefined) return;
    const origin = header.toLowerCase();
    if (allowed.has(origin) || (originProblem(origin) === undefined && isOwnOrLoopback(new URL(origin), host))) return;
    throw new HttpProblem(
      'origin-not-allowed',
      `Pages of ${JSON.stringify(header.slice(0, 200))} may not read live events: add the origin to ALLOWED_ORIGINS ` +
        'where they should.',
    );
  };
}

function isOwnOrLoopback(origin: URL, host: string | undefined): boolean {
  // A proxy may have taken TLS off, so the scheme says nothing.
  return origin.host === host?.toLowerCase() || isLoopbackName(hostNameOf(origin.host) ?? '');
}

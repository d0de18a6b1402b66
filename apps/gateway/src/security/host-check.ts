import { HttpProblem } from '../problem/http-problem.ts';
import { hostNameOf, isLoopbackName } from './host-name.ts';

/** Decides whether a request may be served, by its Host header. Throws when not. */
export type HostCheck = (hostHeader: string | undefined) => void;

/**
 * Lets in what was sent to a loopback name or an allowed one, on any port.
 *
 * Without this, a web page could point a domain of its own at 127.0.0.1 (DNS rebinding) and read the store with the
 * browser of a developer: to the browser that is the page's own origin.
 */
export function createHostCheck(allowedHosts: readonly string[]): HostCheck {
  const allowed = new Set(allowedHosts);
  // Clients repeat themselves; what was let in once need not be parsed again. Bounded, since clients choose the text.
  const known = new Set<string>();
  return (header) => {
    if (header !== undefined && known.has(header)) return;
    const name = header === undefined ? undefined : hostNameOf(header);
    if (name === undefined || !(isLoopbackName(name) || allowed.has(name))) {
      throw new HttpProblem(
        'host-not-allowed',
        `This gateway does not serve ${name === undefined ? 'requests without a valid Host header' : name}: ` +
          'ask for it under a loopback address, or add the name to ALLOWED_HOSTS.',
      );
    }
    if (known.size < 100) known.add(header!);
  };
}

const LABELS = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*\.?$/;
const IPV6 = /^\[[0-9a-f:.]+\]$/;
const LOOPBACK_IPV4 = /^127(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}$/;

/** What is wrong with a configured host name, or undefined when nothing is. Ports do not belong in it. */
export function hostNameProblem(host: string): string | undefined {
  if (LABELS.test(host) || IPV6.test(host)) return undefined;
  return 'must be a host name without scheme and port, an IPv6 address in brackets';
}

/** The name in a Host header, in lower case and without port; undefined for what is none. */
export function hostNameOf(header: string): string | undefined {
  const host = header.toLowerCase();
  const match = /^(\[[0-9a-f:.]+\]|[^:[\]]+)(?::\d{1,5})?$/.exec(host);
  const name = match?.[1];
  if (name === undefined || !(LABELS.test(name) || IPV6.test(name))) return undefined;
  return name.endsWith('.') ? name.slice(0, -1) : name;
}

/** True for the names and addresses that only this machine has: a browser cannot be led there from outside by DNS. */
export function isLoopbackName(name: string): boolean {
  const host = name.toLowerCase();
  return host === 'localhost' || host === '::1' || host === '[::1]' || LOOPBACK_IPV4.test(host);
}

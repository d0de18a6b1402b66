import { type LookupAddress, type LookupOptions, lookup as systemLookup } from 'node:dns';
import { isIP } from 'node:net';
import { isPublicAddress } from './public-address.ts';

/** As `lookup` of `node:dns`. */
export type Lookup = (
  hostname: string,
  options: LookupOptions & { readonly all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** Which addresses requests may go to. */
export interface AddressRules {
  /** Private, loopback and other special addresses too. */
  readonly allowPrivateAddresses: boolean;
  /** Hosts whose addresses are not looked at, in lower case. */
  readonly allowedHosts: ReadonlySet<string>;
  readonly lookup?: Lookup | undefined;
}

/** A host may not be reached from here. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';

  constructor(host: string, address: string) {
    const what = `${host} is ${host === address ? 'a' : `at ${address}, a`} private or special address`;
    super(`${what}: take a public one, or allow this host where webhooks are configured`);
  }
}

/** The address in a URL's host, or undefined where the host is a name. */
export function literalAddress(hostname: string): string | undefined {
  const bare = hostname.replace(/^\[|\]$/g, '');
  return isIP(bare) ? bare : undefined;
}

/** @throws AddressRefused for an address that requests may not go to; names are looked at when they are resolved */
export function checkLiteral(hostname: string, rules: AddressRules): void {
  const address = literalAddress(hostname);
  if (address !== undefined && !isAllowed(hostname, address, rules)) throw new AddressRefused(hostname, address);
}

/**
 * Resolves names for connections: what it returns is what is connected to, so no second answer of a name server can lead
 * elsewhere. One refused address among a name's refuses the name.
 */
export function guardedLookup(rules: AddressRules) {
  const resolve: Lookup = rules.lookup ?? systemLookup;
  return (
    hostname: string,
    options: LookupOptions,
    callback: (error: Error | null, address: string | LookupAddress[], family?: number) => void,
  ): void => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const refused = addresses.find(({ address }) => !isAllowed(hostname, address, rules));
      if (refused) return callback(new AddressRefused(hostname, refused.address), []);
      const [first] = addresses;
      if (!first) return callback(new Error(`${hostname} has no address`), []);
      if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

/** Resolves a URL's host once, to say early what a connection would say. @throws AddressRefused, what resolving throws */
export async function checkHost(hostname: string, rules: AddressRules): Promise<void> {
  checkLiteral(hostname, rules);
  if (literalAddress(hostname) !== undefined) return;
  await new Promise<void>((resolve, reject) => {
    guardedLookup(rules)(hostname, { all: true }, (error) => (error ? reject(error) : resolve()));
  });
}

function isAllowed(hostname: string, address: string, rules: AddressRules): boolean {
  return rules.allowPrivateAddresses || rules.allowedHosts.has(hostname.toLowerCase()) || isPublicAddress(address);
}

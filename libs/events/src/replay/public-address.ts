import ipaddr from 'ipaddr.js';

/** The only range whose addresses are reachable for everybody; names of all others are of special use. */
const PUBLIC = 'unicast';
/** Deprecated IPv4-compatible addresses (`::/96`, RFC 4291): a way to write an IPv4 address that some systems still follow. */
const COMPATIBLE = ipaddr.parseCIDR('::/96');

/**
 * True for an address of the public internet: not for loopback, private, link-local (where clouds serve their metadata),
 * unique-local, multicast, shared, reserved and tunnelled ranges. An IPv4 address inside an IPv6 one is looked at as itself.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const plain = ipaddr.process(address);
  if (plain.kind() === 'ipv6' && plain.match(COMPATIBLE)) return false;
  return plain.range() === PUBLIC;
}

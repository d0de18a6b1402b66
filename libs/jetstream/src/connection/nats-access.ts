import { readFileSync } from 'node:fs';
import { type ConnectionOptions, credsAuthenticator, nkeyAuthenticator } from '@nats-io/transport-node';

/** How a program may prove to nats-server who it is, and the server to it; all of it optional. */
export interface NatsAccess {
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly token?: string | undefined;
  /** Path of a credentials file: a JWT and its seed. */
  readonly credentialsFile?: string | undefined;
  /** Path of a file with an nkey seed. */
  readonly nkeySeedFile?: string | undefined;
  /** Paths of PEM files; any of them turns TLS on. */
  readonly tlsCaFile?: string | undefined;
  readonly tlsCertFile?: string | undefined;
  readonly tlsKeyFile?: string | undefined;
}

/**
 * The client's options for an access, to be given as `connectionOptions`. Files of secrets are read here, those of TLS
 * at every connect.
 *
 * @throws the file system's error for a file of secrets that cannot be read
 */
export function natsAccessOptions(access: NatsAccess): Omit<ConnectionOptions, 'servers'> {
  const { user, password, token, credentialsFile, nkeySeedFile, tlsCaFile, tlsCertFile, tlsKeyFile } = access;
  const tls = {
    ...(tlsCaFile !== undefined && { caFile: tlsCaFile }),
    ...(tlsCertFile !== undefined && { certFile: tlsCertFile }),
    ...(tlsKeyFile !== undefined && { keyFile: tlsKeyFile }),
  };
  return {
    ...(user !== undefined && { user }),
    ...(password !== undefined && { pass: password }),
    ...(token !== undefined && { token }),
    ...(credentialsFile !== undefined && { authenticator: credsAuthenticator(readFileSync(credentialsFile)) }),
    ...(nkeySeedFile !== undefined && { authenticator: nkeyAuthenticator(nkeySeed(nkeySeedFile)) }),
    ...(Object.keys(tls).length > 0 && { tls }),
  };
}

function nkeySeed(path: string): Uint8Array {
  return new TextEncoder().encode(readFileSync(path, 'utf8').trim());
}

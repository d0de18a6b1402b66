/** An aggregate's version as ETag. It names the version, so it is the same for every encoding of the answer. */
export function versionTag(version: number): string {
  return `"${version}"`;
}

/** True when If-None-Match says that the client has this version. Proxies that compress turn tags into weak ones. */
export function isKnownVersion(ifNoneMatch: string | undefined, version: number): boolean {
  if (ifNoneMatch === undefined) return false;
  const tag = versionTag(version);
  return ifNoneMatch.split(',').some((part) => {
    const candidate = part.trim();
    return candidate === '*' || candidate === tag || candidate === `W/${tag}`;
  });
}

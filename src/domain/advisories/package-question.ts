/** A package that is asked after, in any version or in one. */
export interface PackageQuestion {
  /** A purl without version and qualifiers, in lower case: `pkg:deb/debian/openssl`. */
  readonly base: string;
  /** Null: any. */
  readonly version: string | null;
}

const MAX_LENGTH = 1024;
const BASE = /^pkg:[a-z][a-z0-9.+-]*(?:\/[^/@?#\s]+)+$/;

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/**
 * Of a purl as people write it (purl-spec): qualifiers and subpath are left out, since SBOMs write them differently, and a scope
 * of npm may be written `@scope`. Null when it is no purl.
 */
export function readPackageQuestion(text: string): PackageQuestion | null {
  if (text.length > MAX_LENGTH) return null;
  const [plain = ''] = text.split(/[?#]/);
  const at = plain.lastIndexOf('@');
  // A version stands behind the name, a scope before it.
  const hasVersion = at > plain.lastIndexOf('/');
  const name = hasVersion ? plain.slice(0, at) : plain;
  const base = name.toLowerCase().replace('/@', '/%40');
  const version = hasVersion ? decode(plain.slice(at + 1)) : null;
  if (!BASE.test(base) || (hasVersion && (version === null || version === ''))) return null;
  return { base, version };
}

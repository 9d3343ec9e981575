/** Of a package (github.com/package-url/purl-spec). */
export interface Purl {
  readonly type: string;
  readonly namespace: string;
  readonly name: string;
  readonly version: string;
  readonly qualifiers: Readonly<Record<string, string>>;
  readonly subpath: string;
}

const LOWER_NAMESPACE: readonly string[] = ['apk', 'composer', 'deb', 'golang', 'rpm'];
const LOWER_NAME: readonly string[] = ['apk', 'bitnami', 'composer', 'deb', 'golang'];

/** Null when a percent sign is not followed by two digits. */
function decode(text: string): string | null {
  if (!text.includes('%')) {
    return text;
  }
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) {
    return null;
  }
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function qualifiersOf(query: string): Readonly<Record<string, string>> | null {
  const pairs: [string, string][] = [];
  for (const pair of query.split('&').filter((text) => text !== '')) {
    const equals = pair.indexOf('=');
    const key = (equals < 0 ? pair : pair.slice(0, equals)).toLowerCase();
    const value = decode(equals < 0 ? '' : pair.slice(equals + 1));
    if (pair.includes(';') || !/^[a-z._-][a-z0-9._-]*$/.test(key) || value === null) {
      return null;
    }
    pairs.push([key, value]);
  }
  return Object.fromEntries(pairs);
}

/** What stands before the sign, and behind it; all before it when there is none. */
function cut(text: string, mark: string): readonly [string, string] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function nameOf(type: string, name: string): string {
  if (LOWER_NAME.includes(type)) {
    return name.toLowerCase();
  }
  return type === 'pypi' ? name.replaceAll('_', '-').toLowerCase() : name;
}

interface Path {
  readonly namespace: string;
  readonly name: string;
  readonly version: string;
}

function pathOf(type: string, path: string): Path | null {
  // Only a scope of npm starts with the sign that parts off versions.
  if (type !== 'npm' && path.startsWith('@')) {
    return null;
  }
  const at = path.lastIndexOf('@');
  const segments = (at > 0 ? path.slice(0, at) : path).split('/');
  const decoded = [...segments.slice(0, -1).filter(Boolean), segments.at(-1) ?? ''].map(decode);
  const version = decode(at > 0 ? path.slice(at + 1) : '');
  const name = decoded.at(-1) ?? '';
  if (version === null || name === '' || !decoded.every((segment) => segment !== null)) {
    return null;
  }
  const namespace = decoded.slice(0, -1).join('/');
  return {
    namespace: LOWER_NAMESPACE.includes(type) ? namespace.toLowerCase() : namespace,
    name: nameOf(type, name),
    version,
  };
}

/** Null when it is none. */
export function parsePurl(text: string): Purl | null {
  if (!/^pkg:/i.test(text)) {
    return null;
  }
  const [beforeSubpath, subpath] = cut(text.slice(4).replace(/^\/+/, ''), '#');
  const [beforeQuery, query] = cut(beforeSubpath, '?');
  const slash = beforeQuery.indexOf('/');
  const type = beforeQuery.slice(0, Math.max(0, slash)).toLowerCase();
  const path = pathOf(type, beforeQuery.slice(slash + 1));
  const qualifiers = qualifiersOf(query);
  const faulty = !/^[a-z.+-][a-z0-9.+-]*$/.test(type) || /\/\.\.?(\/|$)/.test(subpath);
  if (!path || !qualifiers || faulty || (type === 'swift' && path.namespace === '')) {
    return null;
  }
  return { type, ...path, qualifiers, subpath: subpath.replaceAll(/^\/+|\/+$/g, '') };
}

function encode(text: string, safe: string): string {
  // Nearly all there is, of hundreds of packages an image.
  if (/^[A-Za-z0-9._~-]*$/.test(text)) {
    return text;
  }
  return Array.from(text, (character) =>
    /[A-Za-z0-9._~-]/.test(character) || safe.includes(character)
      ? character
      : encodeURIComponent(/\p{Surrogate}/u.test(character) ? '\ufffd' : character).replaceAll(
          /[!'()*]/g,
          (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
        ),
  ).join('');
}

const SAFE = "!$&'()*,;=:";

/** The canonical form, as the scanner writes it. */
export function formatPurl({ type, namespace, name, version, ...rest }: Purl): string {
  const path = [...namespace.split('/').filter(Boolean), name].map((text) => encode(text, SAFE));
  const query = Object.entries(rest.qualifiers)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${encode(key, ':')}=${encode(value, ':')}`)
    .join('&');
  return [
    `pkg:${type}/${path.join('/')}`,
    version === '' ? '' : `@${encode(version, SAFE)}`,
    query === '' ? '' : `?${query}`,
    rest.subpath === '' ? '' : `#${encode(rest.subpath, `${SAFE}/`)}`,
  ].join('');
}

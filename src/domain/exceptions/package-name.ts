const PURL = 'pkg:';
/** purl-spec, purl-types: names of these are not told apart by case. */
const CASELESS = ['deb', 'apk', 'npm', 'pypi', 'github', 'bitbucket', 'composer', 'oci'];

/** `pkg:npm/qs` of `pkg:npm/qs@6.5.2?arch=x`, in one spelling. */
interface PackageName {
  readonly name: string;
  readonly version: string | null;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function canonical(path: string): string {
  const [type = '', ...rest] = path.split('/');
  const kind = type.toLowerCase();
  const name = decoded(rest.join('/'));
  if (kind === 'pypi') return `${PURL}${kind}/${name.toLowerCase().replaceAll('_', '-')}`;
  return `${PURL}${kind}/${CASELESS.includes(kind) ? name.toLowerCase() : name}`;
}

/** A purl in parts (purl-spec, "How to parse a purl string in its components"), or a plain name as it is. */
export function parsePackage(text: string): PackageName {
  const trimmed = text.trim();
  if (!trimmed.toLowerCase().startsWith(PURL)) return { name: trimmed, version: null };
  const [bare = ''] = trimmed.slice(PURL.length).replace(/^\/+/, '').split(/[?#]/);
  // An @ of a scope stands before the last slash, whoever forgot to encode it.
  const at = bare.lastIndexOf('@');
  const hasVersion = at > bare.lastIndexOf('/') && at > 0;
  return {
    name: canonical(hasVersion ? bare.slice(0, at) : bare),
    version: hasVersion ? decoded(bare.slice(at + 1)) || null : null,
  };
}

/** The purl without version that exceptions are compared with; null where there is none. */
export function bareUrlOf(purl: string | null | undefined): string | null {
  return purl?.toLowerCase().startsWith(PURL) ? parsePackage(purl).name : null;
}

export function isPackageUrl(name: string): boolean {
  return name.startsWith(PURL);
}

/** `3.22.2`, `v1.4` or `10.1-1764604111` in numbers; null for words, pre-releases and the like. */
function numbersOf(version: string): readonly bigint[] | null {
  const text = version.replace(/^v/, '');
  return /^\d{1,20}(?:[.-]\d{1,20})*$/.test(text) ? text.split(/[.-]/).map(BigInt) : null;
}

/** Below 0 when `a` is older, above when it is newer; null where the two can't be compared. A missing number is 0. */
export function compareVersions(a: string, b: string): number | null {
  const left = numbersOf(a);
  const right = numbersOf(b);
  if (!left || !right) return null;
  for (let place = 0; place < Math.max(left.length, right.length); place += 1) {
    const difference = (left[place] ?? 0n) - (right[place] ?? 0n);
    if (difference !== 0n) return difference < 0n ? -1 : 1;
  }
  return 0;
}

/** Numbers, of which the last ones may be `x`, and a suffix: `3.22.x`, `3.x.x`, `22.x.x-slim`. */
const PATTERN = /^(v?(?:\d{1,9}\.)*(?:x\.)*x)((?:-[a-z][a-z0-9]*)*)$/;

export function isVersionPattern(text: string): boolean {
  return PATTERN.test(text);
}

/** A tag with just those numbers: neither `3.22` nor `3.22.0_rc1` is of `3.22.x`. */
function splitterOf(pattern: string): (tag: string) => string | null {
  const [, numbers = '', suffix = ''] = PATTERN.exec(pattern) ?? [];
  const expression = numbers.replaceAll('.', '\\.').replaceAll('x', '(?:0|[1-9]\\d{0,8})');
  const tags = new RegExp(`^(${expression})${suffix}$`);
  return (tag) => tags.exec(tag)?.[1] ?? null;
}

/** The tag of the highest version that fits the pattern; null when none does. */
export function newestTag(tags: readonly string[], pattern: string): string | null {
  if (!isVersionPattern(pattern)) return null;
  const versionOf = splitterOf(pattern);
  let newest: { readonly tag: string; readonly version: string } | null = null;
  for (const tag of tags) {
    const version = versionOf(tag);
    if (version === null) continue;
    if (!newest || (compareVersions(version, newest.version) ?? 0) > 0) newest = { tag, version };
  }
  return newest?.tag ?? null;
}

/** As a tag of a mirror may start (docs/gateway.md, `base-tag-grammar`). */
const TAG_VERSION = /^[0-9A-Za-z][0-9A-Za-z.-]{0,80}$/;

/**
 * What a fixed tag points at calls itself: by the OCI label, or by `version` and `release` as Red Hat labels its images. Else the tag, with
 * what a tag of a mirror may not hold replaced.
 */
export function versionOf(labels: Readonly<Record<string, string>>, tag: string): string {
  const { version = '', release = '' } = labels;
  const own = release === '' ? version : `${version}-${release}`;
  const named = labels['org.opencontainers.image.version'] ?? (version === '' ? '' : own);
  if (TAG_VERSION.test(named)) return named;
  const plain = tag.replaceAll(/[^0-9A-Za-z.-]/g, '-').replace(/^[.-]+/, '');
  return TAG_VERSION.test(plain) ? plain : 'unknown';
}

/** `{version}_{yyyymmdd}` for what is imported at `at` (RFC 3339, UTC). */
export function mirrorTag(version: string, at: string): string {
  return `${version}_${at.slice(0, 10).replaceAll('-', '')}`;
}

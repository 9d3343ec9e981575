import {
  ANY,
  comparePart,
  hasAny,
  partOf,
  partsOf,
  uint64,
  ZERO,
  type Part,
} from './parts';

/** Three parts and a pre-release (semver.org); in ranges each may be a wildcard. */
export interface SemverVersion {
  readonly major: Part;
  readonly minor: Part;
  readonly patch: Part;
  readonly preRelease: readonly Part[];
}

const NUMBER = '(0|[1-9][0-9]*)';
const IDENTIFIER = '(?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)';
const WHOLE = new RegExp(
  `^${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-(${IDENTIFIER}(?:\\.${IDENTIFIER})*))?` +
    '(?:\\+[0-9a-zA-Z-]+(?:\\.[0-9a-zA-Z-]+)*)?$',
);

export const SEMVER_LIMIT =
  'v?([0-9|xX*]+)(?:\\.([0-9|xX*]+))?(?:\\.([0-9|xX*]+))?' +
  '(?:-([0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*))?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?';
const WHOLE_LIMIT = new RegExp(`^${SEMVER_LIMIT}$`);

/** Strict, as installed versions are. */
export function parseSemver(text: string): SemverVersion | null {
  const match = WHOLE.exec(text);
  if (!match || match.slice(1, 4).some((number) => uint64(number) === null)) {
    return null;
  }
  const [, major = '', minor = '', patch = '', preRelease = ''] = match;
  return {
    major: partOf(major),
    minor: partOf(minor),
    patch: partOf(patch),
    preRelease: partsOf(preRelease),
  };
}

/** As versions in ranges are: what is left out may be anything. */
export function parseSemverLimit(text: string): SemverVersion | null {
  const match = WHOLE_LIMIT.exec(text);
  const [, major, minor = '*', patch = '*', preRelease = ''] = match ?? [];
  const version =
    major === undefined
      ? null
      : {
          major: partOf(major),
          minor: partOf(minor),
          patch: partOf(patch),
          preRelease: partsOf(preRelease),
        };
  // `1|2` is let through by the scanner's expression and then no number.
  const parts = version ? [version.major, version.minor, version.patch] : [];
  return parts.some(({ kind }) => kind === 'text') ? null : version;
}

export const hasWildcard = ({ major, minor, patch }: SemverVersion): boolean =>
  hasAny([major, minor, patch]);

export const isPreRelease = ({ preRelease }: SemverVersion): boolean =>
  preRelease.length > 0 && !hasAny(preRelease);

/** Compares the three numbers, then by `rest` what comes behind; a wildcard ends it. */
export function compareSemver(
  a: SemverVersion,
  b: SemverVersion,
  rest: (a: readonly Part[], b: readonly Part[]) => number,
): number {
  for (const part of ['major', 'minor', 'patch'] as const) {
    const order = comparePart(a[part], b[part]);
    if (order !== 0 || a[part].kind === 'any' || b[part].kind === 'any') {
      return order;
    }
  }
  return rest(a.preRelease, b.preRelease);
}

const raised = (part: Part): Part =>
  part.kind === 'number' ? { kind: 'number', value: part.value + 1n } : part;

const nextMajor = (version: SemverVersion): SemverVersion => ({
  major: raised(version.major),
  minor: ZERO,
  patch: ZERO,
  preRelease: [],
});
const nextMinor = (version: SemverVersion): SemverVersion => ({
  ...version,
  minor: raised(version.minor),
  patch: ZERO,
  preRelease: [],
});
const LARGEST: Part = { kind: 'number', value: 2n ** 64n - 1n };

const isAny = (part: Part): boolean => part.kind === 'any';
const isZero = (part: Part): boolean => part.kind === 'number' && part.value === 0n;

/** `~1.2.3` ends before 1.3.0, `~1` before 2.0.0. */
export function tildeBump(version: SemverVersion): SemverVersion {
  if (isAny(version.major)) {
    return { ...version, major: LARGEST };
  }
  return isAny(version.minor) ? nextMajor(version) : nextMinor(version);
}

/** `^1.2.3` ends before 2.0.0, `^0.2.3` before 0.3.0, `^0.0.3` before 0.0.4. */
export function caretBump(version: SemverVersion): SemverVersion {
  if (isAny(version.major)) {
    return { ...version, major: LARGEST };
  }
  if (!isZero(version.major) || isAny(version.minor)) {
    return nextMajor(version);
  }
  if (!isZero(version.minor) || isAny(version.patch)) {
    return nextMinor(version);
  }
  return { ...version, patch: raised(version.patch), preRelease: [] };
}

/** The least version with these wildcards. */
export function least(version: SemverVersion): SemverVersion {
  const floor = (part: Part): Part => (isAny(part) ? ZERO : part);
  const { major, minor, patch, preRelease } = version;
  return {
    major: floor(major),
    minor: floor(minor),
    patch: floor(patch),
    preRelease: preRelease.includes(ANY) ? [] : preRelease,
  };
}

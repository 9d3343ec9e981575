import { comparePreRelease, hasAny, type Part } from './parts';
import { comparisons, rangeCheck, type Operators } from './ranges';
import {
  caretBump,
  compareSemver,
  least,
  parseSemver,
  parseSemverLimit,
  SEMVER_LIMIT,
  tildeBump,
  type SemverVersion,
} from './semver';

/** What comes behind a dash is a revision of the image, later than none. */
function compareRevision(a: readonly Part[], b: readonly Part[]): number {
  const hasRevision = (parts: readonly Part[]): boolean => parts.length > 0 && !hasAny(parts);
  const order = Number(hasRevision(a)) - Number(hasRevision(b));
  return order || comparePreRelease(a, b);
}

const compare = (a: SemverVersion, b: SemverVersion): number =>
  compareSemver(a, b, compareRevision);

const OPERATORS: Operators<SemverVersion> = {
  ...comparisons(compare),
  '<': (v, c) => compare(v, least(c)) < 0,
  '~': (v, c) => compare(v, c) >= 0 && compare(v, tildeBump(c)) < 0,
  '^': (v, c) => compare(v, c) >= 0 && compare(v, caretBump(c)) < 0,
};

/** bitnami/go-version. */
export const inBitnamiRange = rangeCheck({
  version: SEMVER_LIMIT,
  parse: parseSemver,
  parseLimit: parseSemverLimit,
  operators: OPERATORS,
  blank: true,
});

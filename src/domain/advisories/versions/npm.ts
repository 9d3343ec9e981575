import { comparePreRelease } from './parts';
import { comparisons, rangeCheck, type Operators } from './ranges';
import {
  caretBump,
  compareSemver,
  hasWildcard,
  isPreRelease,
  parseSemver,
  parseSemverLimit,
  SEMVER_LIMIT,
  tildeBump,
  type SemverVersion,
} from './semver';

const compare = (a: SemverVersion, b: SemverVersion): number =>
  compareSemver(a, b, comparePreRelease);

/** Of the operators of other languages npm knows all but one. */
const compared = Object.entries(comparisons(compare)).filter(([name]) => name !== '!=');

const OPERATORS: Operators<SemverVersion> = {
  ...Object.fromEntries(compared),
  '~': (v, c) => compare(v, c) >= 0 && compare(v, tildeBump(c)) < 0,
  '^': (v, c) => compare(v, c) >= 0 && compare(v, caretBump(c)) < 0,
};

/** A pre-release behind a wildcard means nothing, so nothing is in it. */
function checked(operators: Operators<SemverVersion>): Operators<SemverVersion> {
  return Object.fromEntries(
    Object.entries(operators).map(([name, check]) => [
      name,
      (v: SemverVersion, c: SemverVersion) => !(isPreRelease(c) && hasWildcard(c)) && check(v, c),
    ]),
  );
}

/** aquasecurity/go-npm-version with pre-releases: unlike npm's own `semver`, these are in ranges as any version is. */
export const inNpmRange = rangeCheck({
  version: SEMVER_LIMIT,
  parse: parseSemver,
  parseLimit: parseSemverLimit,
  operators: checked(OPERATORS),
  blank: true,
});

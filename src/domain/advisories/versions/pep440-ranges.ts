import {
  comparePython,
  parsePython,
  publicPython,
  PYTHON_VERSION,
  type PythonVersion,
} from './pep440';
import { rangeCheck, type Operators, type RangeCheck } from './ranges';

interface Candidate {
  readonly version: PythonVersion;
  /** Whether its being a pre-release does not matter; lost where the scanner's library reads the version again. */
  readonly preReleases: boolean;
}

interface Limit {
  /** As written, without the `.*`. */
  readonly text: string;
  readonly version: PythonVersion;
  readonly wildcard: boolean;
}

const EQUALITY: readonly string[] = ['', '=', '==', '!='];
const MAX_INT64 = 2n ** 63n - 1n;
/** Of a limit that is compared as text. */
const NOTHING: PythonVersion = {
  epoch: 0n,
  release: [],
  pre: null,
  post: null,
  dev: null,
  local: '',
};

const withoutLocal = ({ version }: Candidate): Candidate => ({
  version: { ...version, local: '' },
  preReleases: false,
});

/** Null where PEP 440 forbids it: wildcards and local parts do not go with every operator. */
function limitOf(text: string, operator: string, allowLocal: boolean): Limit | null {
  const wildcard = text.endsWith('.*');
  const bare = wildcard ? text.slice(0, -2) : text;
  if (operator === '===') {
    return { text, version: NOTHING, wildcard: false };
  }
  const version = parsePython(bare);
  if (!version) {
    return null;
  }
  const local = version.local !== '';
  if (EQUALITY.includes(operator)) {
    return wildcard && (version.dev !== null || local) ? null : { text: bare, version, wildcard };
  }
  const short = operator === '~=' && version.release.length < 2;
  return wildcard || short || (local && !allowLocal) ? null : { text: bare, version, wildcard };
}

/** There is a dot unwritten between a release and its pre-release. */
function split(text: string): readonly string[] {
  return text
    .split('.')
    .flatMap((part) => /^([0-9]+)((?:a|b|c|rc)[0-9]+)$/.exec(part)?.slice(1) ?? [part]);
}

const isNumber = (text: string): boolean => /^[0-9]+$/.test(text) && BigInt(text) <= MAX_INT64;

function padded(numbers: readonly string[], other: number): readonly string[] {
  // The scanner's loop counts up to a difference that shrinks meanwhile, so it stops half-way.
  const missing = Math.max(0, Math.ceil((other - numbers.length) / 2));
  return [...numbers, ...Array<string>(missing).fill('0')];
}

/** `==1.2.*`: a port of the scanner's library, which takes the rest of both sides from the left one. */
function hasPrefix(candidate: Candidate, prefix: string): boolean {
  const left = split(prefix);
  const right = split(publicPython(candidate.version)).slice(0, left.length);
  const leftNumbers = left.filter(isNumber);
  const rightNumbers = right.filter(isNumber);
  const leftPadded = padded(leftNumbers, rightNumbers.length);
  const rightPadded = padded(rightNumbers, leftNumbers.length);
  const one = [...leftPadded, ...left.slice(leftNumbers.length)];
  const other = [...rightPadded, ...left.slice(rightNumbers.length)];
  return one.length === other.length && one.every((part, index) => part === other[index]);
}

function equals(candidate: Candidate, { text, version, wildcard }: Limit): boolean {
  return wildcard ? hasPrefix(candidate, text) : comparePython(candidate.version, version) === 0;
}

const isPreRelease = ({ pre, dev }: PythonVersion): boolean => pre !== null || dev !== null;

function isLess({ version, preReleases }: Candidate, limit: Limit): boolean {
  if (comparePython(version, limit.version) >= 0) {
    return false;
  }
  // Unless pre-releases are asked for, `<3.1` is not `3.1rc1`.
  return (
    preReleases ||
    isPreRelease(limit.version) ||
    !isPreRelease(version) ||
    !sameBase(version, limit)
  );
}

function isGreater({ version }: Candidate, limit: Limit): boolean {
  if (comparePython(version, limit.version) <= 0) {
    return false;
  }
  return limit.version.post !== null || version.post === null || !sameBase(version, limit);
}

function sameBase(version: PythonVersion, limit: Limit): boolean {
  const base = ({ epoch, release }: PythonVersion): PythonVersion => ({
    ...NOTHING,
    epoch,
    release,
  });
  return comparePython(base(version), base(limit.version)) === 0;
}

/** `~=2.2` is `>=2.2, ==2.*`. */
function isCompatible(candidate: Candidate, limit: Limit): boolean {
  const parts = split(publicPython(limit.version));
  const end = parts.findIndex((part) => part.startsWith('post') || part.startsWith('dev'));
  const prefix = parts.slice(0, end < 0 ? parts.length : end).slice(0, -1);
  return (
    comparePython(candidate.version, limit.version) >= 0 && hasPrefix(candidate, prefix.join('.'))
  );
}

function isSame({ version }: Candidate, { text }: Limit): boolean {
  const local = version.local === '' ? '' : `+${version.local}`;
  return `${publicPython(version)}${local}`.toLowerCase() === text.toLowerCase();
}

const OPERATORS: Operators<Candidate, Limit> = {
  '': equals,
  '=': equals,
  '==': equals,
  '!=': (candidate, limit) => !equals(candidate, limit),
  '>': isGreater,
  '<': isLess,
  '>=': ({ version }, limit) => comparePython(version, limit.version) >= 0,
  '<=': ({ version }, limit) => comparePython(version, limit.version) <= 0,
  '~=': isCompatible,
  '===': isSame,
};

/** The local part of a candidate counts only where the limit has one, too. */
function withLocalRule(operators: Operators<Candidate, Limit>): Operators<Candidate, Limit> {
  return Object.fromEntries(
    Object.entries(operators).map(([name, check]) => [
      name,
      (candidate: Candidate, limit: Limit) => {
        const kept =
          candidate.version.local === '' ||
          name === '===' ||
          (EQUALITY.includes(name) && limit.version.local !== '');
        return check(kept ? candidate : withoutLocal(candidate), limit);
      },
    ]),
  );
}

function parseCandidate(text: string): Candidate | null {
  const version = parsePython(text);
  return version && { version, preReleases: true };
}

const anyAsRange = (ranges: string): string =>
  ranges
    .split('||')
    .map((one) => (one.trim() === '*' ? '>=0.0.0' : one))
    .join('||');

function pythonRange(allowLocal: boolean): RangeCheck {
  const inRange = rangeCheck({
    version: `${PYTHON_VERSION}(?:\\.\\*)?`,
    ignoreCase: true,
    parse: parseCandidate,
    parseLimit: (text, operator) => limitOf(text, operator, allowLocal),
    operators: allowLocal ? OPERATORS : withLocalRule(OPERATORS),
  });
  return (version, ranges) => inRange(version, anyAsRange(ranges));
}

/** aquasecurity/go-pep440-version with pre-releases. */
export const inPythonRange = pythonRange(false);

/** The same with local parts in ranges, which suppliers of patched packages write. */
export const inPatchedPythonRange = pythonRange(true);

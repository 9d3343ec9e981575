import {
  compareParts,
  comparePreRelease,
  padded,
  partsOf,
  uint64,
  withoutZeros,
  type Part,
} from './parts';
import { comparisons, rangeCheck } from './ranges';

/** Numbers between dots, then a pre-release: what Go, Cargo, Composer, NuGet and others are compared by. */
interface GenericVersion {
  readonly segments: readonly bigint[];
  readonly preRelease: readonly Part[];
}

const VERSION =
  'v?([0-9]+(?:\\.[0-9]+)*)' +
  '(?:-([0-9]+[0-9A-Za-z\\-~]*(?:\\.[0-9A-Za-z\\-~]+)*)' +
  '|(?:-?([A-Za-z\\-~]+[0-9A-Za-z\\-~]*(?:\\.[0-9A-Za-z\\-~]+)*)))?' +
  '(?:\\+[0-9A-Za-z\\-~]+(?:\\.[0-9A-Za-z\\-~]+)*)?';
const WHOLE = new RegExp(`^${VERSION}$`);

function parse(text: string): GenericVersion | null {
  const match = WHOLE.exec(text);
  const segments = match?.[1]?.split('.').map(uint64) ?? [null];
  if (!segments.every((segment) => segment !== null)) {
    return null;
  }
  return { segments, preRelease: partsOf(match?.[3] ?? match?.[2] ?? '') };
}

function compare(a: GenericVersion, b: GenericVersion): number {
  const toParts = (one: GenericVersion): readonly Part[] =>
    withoutZeros(one.segments.map((value) => ({ kind: 'number', value })));
  const left = toParts(a);
  const right = toParts(b);
  return (
    compareParts(padded(left, right.length), padded(right, left.length)) ||
    comparePreRelease(a.preRelease, b.preRelease)
  );
}

/** `~> 1.2.3` ends before 1.3.0, `~> 1.2` before 2.0. */
function pessimisticBump({ segments, preRelease }: GenericVersion): GenericVersion {
  if (segments.length === 1) {
    return { segments: segments.map((value) => value + 1n), preRelease };
  }
  const raised = segments.length - 2;
  return {
    segments: segments.map((value, at) => (at > raised ? 0n : value + BigInt(at === raised))),
    preRelease: [],
  };
}

/** `~ 1.2` ends before 1.3. */
function tildeBump(version: GenericVersion): GenericVersion {
  const [first, second] = version.segments;
  if (version.segments.length !== 2 || first === undefined || second === undefined) {
    return pessimisticBump(version);
  }
  return { segments: [first, second + 1n], preRelease: version.preRelease };
}

/** `^ 1.2.3` ends before 2.0.0, `^ 0.2.3` before 0.3.0. */
function caretBump({ segments }: GenericVersion): GenericVersion {
  const found = segments.findIndex((value) => value !== 0n);
  const raised = found < 0 ? segments.length - 1 : found;
  return {
    segments: segments.map((value, at) => (at > raised ? 0n : value + BigInt(at === raised))),
    preRelease: [],
  };
}

const OPERATORS = {
  ...comparisons(compare),
  '~>': (v: GenericVersion, c: GenericVersion) =>
    compare(v, c) >= 0 && compare(v, pessimisticBump(c)) < 0,
  '~': (v: GenericVersion, c: GenericVersion) =>
    compare(v, c) >= 0 && compare(v, tildeBump(c)) < 0,
  '^': (v: GenericVersion, c: GenericVersion) =>
    compare(v, c) >= 0 && compare(v, caretBump(c)) < 0,
};

/** aquasecurity/go-version, pkg/version. */
export const inGenericRange = rangeCheck({
  version: VERSION,
  parse,
  parseLimit: parse,
  operators: OPERATORS,
});

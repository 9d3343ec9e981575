import { compareParts, padded, uint64, withoutZeros, ZERO, type Part } from './parts';
import { comparisons, rangeCheck, type Operators } from './ranges';

/** Numbers, then from the first letter on what makes it a pre-release. */
interface GemVersion {
  readonly numbers: readonly Part[];
  readonly rest: readonly Part[];
}

const VERSION = '[0-9]+(?:\\.[0-9a-zA-Z]+)*(?:-[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?';
const WHOLE = new RegExp(`^[\\t\\n\\f\\r ]*(?:${VERSION})?[\\t\\n\\f\\r ]*$`);

function parse(text: string): GemVersion | null {
  if (!WHOLE.test(text)) {
    return null;
  }
  const version = text.trim().replaceAll('-', '.pre.') || '0';
  // Letters one by one: `rc1` is r, c, 1, as the scanner's library has it.
  const segments = (version.match(/[0-9]+|[a-zA-Z]/g) ?? []).map((segment): Part => {
    const value = uint64(segment);
    return value === null ? { kind: 'pre', value: segment } : { kind: 'number', value };
  });
  const letter = segments.findIndex(({ kind }) => kind === 'pre');
  const end = letter < 0 ? segments.length : letter;
  return { numbers: segments.slice(0, end), rest: segments.slice(end) };
}

function compare(a: GemVersion, b: GemVersion): number {
  const canonical = ({ numbers, rest }: GemVersion): readonly Part[] => [
    ...withoutZeros(numbers),
    ...withoutZeros(rest),
  ];
  const left = canonical(a);
  const right = canonical(b);
  return compareParts(padded(left, right.length), padded(right, left.length));
}

/** `~> 1.2.3` ends before 1.3, `~> 1` before 2. */
function bump({ numbers }: GemVersion): GemVersion {
  const kept = numbers.slice(0, Math.max(1, numbers.length - 1));
  const last = kept.at(-1) ?? ZERO;
  const raised: Part = last.kind === 'number' ? { ...last, value: last.value + 1n } : last;
  return { numbers: [...kept.slice(0, -1), raised], rest: [] };
}

const OPERATORS: Operators<GemVersion> = {
  ...comparisons(compare),
  '~>': (v, c) => compare(v, c) >= 0 && compare({ ...v, rest: [] }, bump(c)) < 0,
};

/** aquasecurity/go-gem-version. */
export const inGemRange = rangeCheck({
  version: VERSION,
  parse,
  parseLimit: parse,
  operators: OPERATORS,
});

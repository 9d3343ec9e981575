import { sign } from './sign';

export interface RpmVersion {
  readonly epoch: bigint;
  readonly version: string;
  readonly release: string;
}

const INT64 = 2n ** 63n;

/** A faulty epoch counts as none, as the scanner has it. */
function epochOf(text: string): bigint {
  const trimmed = text.trimStart();
  if (!/^[+-]?[0-9]+$/.test(trimmed)) {
    return 0n;
  }
  const value = BigInt(trimmed.replace('+', ''));
  return value >= INT64 || value < -INT64 ? 0n : value;
}

/** `[epoch:]version[-release]`; every text is one. */
export function parseRpm(text: string): RpmVersion {
  const colon = text.indexOf(':');
  const rest = text.slice(colon + 1);
  const dash = rest.indexOf('-');
  return {
    epoch: colon < 0 ? 0n : epochOf(text.slice(0, colon)),
    version: dash < 0 ? rest : rest.slice(0, dash),
    release: dash < 0 ? '' : rest.slice(dash + 1),
  };
}

/** Without an epoch of 0, as the scanner reports fixed versions. */
export function formatRpm(text: string): string {
  const { epoch, version, release } = parseRpm(text);
  return `${epoch > 0n ? `${epoch}:` : ''}${version}${release === '' ? '' : `-${release}`}`;
}

const isMark = (segment: string, mark: string): boolean => segment === mark;
const isNumber = (segment: string): boolean => /^[0-9]/.test(segment);

function compareMarks(a: string, b: string): number {
  for (const mark of ['~', '^']) {
    // A tilde or a caret sorts before any other segment.
    const order = Number(isMark(b, mark)) - Number(isMark(a, mark));
    if (order !== 0) {
      return order;
    }
  }
  return 0;
}

function compareSegment(a: string, b: string): number {
  const marks = compareMarks(a, b);
  if (marks !== 0) {
    return marks;
  }
  if (isNumber(a) !== isNumber(b)) {
    return isNumber(a) ? 1 : -1;
  }
  if (!isNumber(a)) {
    return sign(a, b);
  }
  const left = a.replace(/^0+/, '');
  const right = b.replace(/^0+/, '');
  return sign(left.length, right.length) || sign(left, right);
}

/** The order of rpm (rpmvercmp). */
function comparePart(a: string, b: string): number {
  const left: readonly string[] = a.match(/[a-zA-Z]+|[0-9]+|[~^]/g) ?? [];
  const right: readonly string[] = b.match(/[a-zA-Z]+|[0-9]+|[~^]/g) ?? [];
  const common = Math.min(left.length, right.length);
  for (let index = 0; index < common; index += 1) {
    const order = compareSegment(left[index] ?? '', right[index] ?? '');
    if (order !== 0) {
      return order;
    }
  }
  if (left[common] === '~') {
    return -1;
  }
  return right[common] === '~' ? 1 : sign(left.length, right.length);
}

export function compareRpm(a: string, b: string): number {
  const left = parseRpm(a);
  const right = parseRpm(b);
  return (
    sign(left.epoch, right.epoch) ||
    comparePart(left.version, right.version) ||
    comparePart(left.release, right.release)
  );
}

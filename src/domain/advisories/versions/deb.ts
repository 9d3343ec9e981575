import { sign } from './sign';

/** `[epoch:]upstream[-revision]` (deb-version(7)). */
interface DebVersion {
  readonly epoch: bigint;
  readonly upstream: string;
  readonly revision: string;
}

const UPSTREAM = /^[0-9][\p{Nd}\p{L}.\-+~:_]*$/u;
const REVISION = /^[\p{Nd}\p{L}+.~_]*$/u;
const EPOCH = /^\+?[0-9]+$/;
const MAX_INT64 = 2n ** 63n - 1n;

function parse(text: string): DebVersion | null {
  const trimmed = text.trim();
  const colon = trimmed.indexOf(':');
  const epochText = colon < 0 ? '0' : trimmed.slice(0, colon);
  const rest = trimmed.slice(colon + 1);
  const dash = rest.lastIndexOf('-');
  const upstream = dash < 0 ? rest : rest.slice(0, dash);
  const revision = dash < 0 ? '' : rest.slice(dash + 1);
  if (!EPOCH.test(epochText) || !UPSTREAM.test(upstream) || !REVISION.test(revision)) {
    return null;
  }
  const epoch = BigInt(epochText.replace('+', ''));
  return epoch > MAX_INT64 ? null : { epoch, upstream, revision };
}

/** A tilde sorts before the end, the end before letters, letters before all else. */
function rank(character: string | undefined): number {
  if (character === undefined) {
    return 0;
  }
  if (/\p{L}/u.test(character)) {
    return character.charCodeAt(0);
  }
  return character === '~' ? -1 : character.charCodeAt(0) + 256;
}

function compareText(a: string, b: string): number {
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const order = rank(a[index]) - rank(b[index]);
    if (order !== 0) {
      return order;
    }
  }
  return 0;
}

function numberOf(digits: string): bigint {
  const value = BigInt(digits === '' ? '0' : digits);
  return value > MAX_INT64 ? MAX_INT64 : value;
}

/** Text and number in turn: `1.2~rc1` is `''`, 1, `.`, 2, `~rc`, 1. */
function pairsOf(part: string): readonly (readonly [string, bigint])[] {
  return Array.from(part.matchAll(/([^0-9]*)([0-9]*)/g), ([, text = '', digits = '']) => [
    text,
    numberOf(digits),
  ]);
}

function comparePart(a: string, b: string): number {
  const left = pairsOf(a);
  const right = pairsOf(b);
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const [leftText, leftNumber] = left[index] ?? ['', 0n];
    const [rightText, rightNumber] = right[index] ?? ['', 0n];
    const order = compareText(leftText, rightText) || sign(leftNumber, rightNumber);
    if (order !== 0) {
      return order;
    }
  }
  return 0;
}

/** The order of dpkg; null when one of them is no version. */
export function compareDeb(a: string, b: string): number | null {
  const left = parse(a);
  const right = parse(b);
  if (!left || !right) {
    return null;
  }
  return (
    sign(left.epoch, right.epoch) ||
    comparePart(left.upstream, right.upstream) ||
    comparePart(left.revision, right.revision)
  );
}

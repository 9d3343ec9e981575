import { sign } from './sign';

/** One part between dots, as aquasecurity/go-version has them. */
export type Part =
  | { readonly kind: 'number'; readonly value: bigint }
  | { readonly kind: 'text'; readonly value: string }
  /** Text that sorts before numbers. */
  | { readonly kind: 'pre'; readonly value: string }
  /** A wildcard, equal to everything. */
  | { readonly kind: 'any' };

const MAX_UINT64 = 2n ** 64n - 1n;
export const ANY: Part = { kind: 'any' };
export const ZERO: Part = { kind: 'number', value: 0n };

/** Null when it is no number of 64 bits. */
export function uint64(text: string): bigint | null {
  if (!/^[0-9]+$/.test(text)) {
    return null;
  }
  const value = BigInt(text);
  return value > MAX_UINT64 ? null : value;
}

export function partOf(text: string): Part {
  const value = uint64(text);
  if (value !== null) {
    return { kind: 'number', value };
  }
  return ['*', 'x', 'X'].includes(text) ? ANY : { kind: 'text', value: text };
}

export function partsOf(text: string): readonly Part[] {
  return text === '' ? [] : text.split('.').map(partOf);
}

/** Numbers come before text and after `pre`. */
export function comparePart(a: Part, b: Part): number {
  if (a.kind === 'any' || b.kind === 'any') {
    return 0;
  }
  if (a.kind === 'number' && b.kind === 'number') {
    return sign(a.value, b.value);
  }
  if (a.kind === 'number') {
    return b.kind === 'text' ? -1 : 1;
  }
  if (b.kind === 'number') {
    return a.kind === 'text' ? 1 : -1;
  }
  return sign(a.value, b.value);
}

export const hasAny = (parts: readonly Part[]): boolean => parts.some(({ kind }) => kind === 'any');

/** Part by part; the shorter list comes first, and a wildcard ends the comparison. */
export function compareParts(a: readonly Part[], b: readonly Part[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const left = a[index];
    const right = b[index];
    if (!left || !right) {
      return left ? 1 : -1;
    }
    if (left.kind === 'any' || right.kind === 'any') {
      return 0;
    }
    const order = comparePart(left, right);
    if (order !== 0) {
      return order;
    }
  }
  return 0;
}

/** Pre-releases come before the release; with a wildcard all are equal. */
export function comparePreRelease(a: readonly Part[], b: readonly Part[]): number {
  if (hasAny(a) || hasAny(b)) {
    return 0;
  }
  if (a.length === 0 || b.length === 0) {
    return Number(a.length === 0) - Number(b.length === 0);
  }
  return compareParts(a, b);
}

/** Without the zeros at the end. */
export function withoutZeros(parts: readonly Part[]): readonly Part[] {
  const last = parts.findLastIndex((part) => part.kind !== 'number' || part.value !== 0n);
  return parts.slice(0, last + 1);
}

export function padded(parts: readonly Part[], length: number): readonly Part[] {
  return [...parts, ...Array<Part>(Math.max(0, length - parts.length)).fill(ZERO)];
}

import { compareParts, uint64, type Part } from './parts';
import { sign } from './sign';

/** `epoch!1.2.3rc1.post1.dev1+local` (PEP 440). */
export interface PythonVersion {
  readonly epoch: bigint;
  readonly release: readonly bigint[];
  readonly pre: { readonly letter: string; readonly number: bigint } | null;
  readonly post: bigint | null;
  readonly dev: bigint | null;
  /** Lower case; empty when there is none. */
  readonly local: string;
}

/** In the order of the scanner's alternatives, for what they find first counts: of `1.0alpha` that is `1.0a`. */
export const PYTHON_VERSION =
  'v?(?:(?:(?<epoch>[0-9]+)!)?(?<release>[0-9]+(?:\\.[0-9]+)*)' +
  '(?:[-_.]?(?<letter>a|b|c|rc|alpha|beta|pre|preview)[-_.]?(?<pre>[0-9]+)?)?' +
  '(?:-(?<dash>[0-9]+)|[-_.]?(?<postWord>post|rev|r)[-_.]?(?<post>[0-9]+)?)?' +
  '(?:[-_.]?(?<devWord>dev)[-_.]?(?<dev>[0-9]+)?)?)' +
  '(?:\\+(?<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?';

const WHOLE = new RegExp(`^[\\t\\n\\f\\r ]*${PYTHON_VERSION}[\\t\\n\\f\\r ]*$`, 'i');
const LETTERS: Readonly<Record<string, string>> = {
  alpha: 'a',
  beta: 'b',
  c: 'rc',
  pre: 'rc',
  preview: 'rc',
};

export function parsePython(text: string): PythonVersion | null {
  const groups = WHOLE.exec(text)?.groups;
  if (!groups) {
    return null;
  }
  const { epoch = '0', release = '', pre = '0', dash, post = '0', dev = '0', local = '' } = groups;
  const numbers = [epoch, pre, dash ?? post, dev, ...release.split('.')].map(uint64);
  if (!numbers.every((number) => number !== null)) {
    return null;
  }
  const [epochNumber = 0n, preNumber = 0n, postNumber = 0n, devNumber = 0n, ...segments] = numbers;
  const letter = groups['letter']?.toLowerCase();
  return {
    epoch: epochNumber,
    release: segments,
    pre: letter === undefined ? null : { letter: LETTERS[letter] ?? letter, number: preNumber },
    post: dash === undefined && groups['postWord'] === undefined ? null : postNumber,
    dev: groups['devWord'] === undefined ? null : devNumber,
    local: local.toLowerCase(),
  };
}

const basePython = ({ epoch, release }: PythonVersion): string =>
  `${epoch === 0n ? '' : `${epoch}!`}${release.join('.')}`;

/** The canonical form, without the local part. */
export function publicPython(version: PythonVersion): string {
  const { pre, post, dev } = version;
  return [
    basePython(version),
    pre ? `${pre.letter}${pre.number}` : '',
    post === null ? '' : `.post${post}`,
    dev === null ? '' : `.dev${dev}`,
  ].join('');
}

function compareRelease(a: readonly bigint[], b: readonly bigint[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const order = sign(a[index] ?? 0n, b[index] ?? 0n);
    if (order !== 0) {
      return order;
    }
  }
  return 0;
}

/** `1.dev1` before `1a1` before `1` before `1.post1`. */
function preKey({ pre, post, dev }: PythonVersion): readonly [number, string, bigint] {
  if (pre) {
    return [1, pre.letter, pre.number];
  }
  return post === null && dev !== null ? [0, '', 0n] : [2, '', 0n];
}

function localParts(local: string): readonly Part[] {
  return local.split('.').map((text): Part => {
    const value = uint64(text);
    return value === null ? { kind: 'pre', value: text } : { kind: 'number', value };
  });
}

function compareLocal(a: string, b: string): number {
  if (a === '' || b === '') {
    return Number(a !== '') - Number(b !== '');
  }
  return compareParts(localParts(a), localParts(b));
}

function compareDev(a: bigint | null, b: bigint | null): number {
  return a === null || b === null ? Number(a === null) - Number(b === null) : sign(a, b);
}

export function comparePython(a: PythonVersion, b: PythonVersion): number {
  const [aRank, aLetter, aNumber] = preKey(a);
  const [bRank, bLetter, bNumber] = preKey(b);
  return (
    sign(a.epoch, b.epoch) ||
    compareRelease(a.release, b.release) ||
    sign(aRank, bRank) ||
    sign(aLetter, bLetter) ||
    sign(aNumber, bNumber) ||
    sign(a.post ?? -1n, b.post ?? -1n) ||
    compareDev(a.dev, b.dev) ||
    compareLocal(a.local, b.local)
  );
}

import { sign } from './sign';

/** Kinds of tokens, in the order in which they may follow each other (apk-tools, version.c). */
const TOKEN = {
  invalid: -1,
  digitOrZero: 0,
  digit: 1,
  letter: 2,
  suffix: 3,
  suffixNumber: 4,
  revision: 5,
  end: 6,
} as const;
type Token = (typeof TOKEN)[keyof typeof TOKEN];

const PRE_SUFFIXES = ['alpha', 'beta', 'pre', 'rc'] as const;
const POST_SUFFIXES = ['cvs', 'svn', 'git', 'hg', 'p'] as const;

const isDigit = (character: string | undefined): boolean =>
  character !== undefined && /^\p{Nd}$/u.test(character);
const isLower = (character: string | undefined): boolean =>
  character !== undefined && /^\p{Ll}$/u.test(character);

/** A version being read, token by token. */
class Reader {
  private readonly characters: readonly string[];
  private position = 0;

  constructor(version: string) {
    this.characters = Array.from(version);
  }

  /** The value of the token of this kind, and the kind of the next one. */
  read(kind: Token): { readonly value: bigint; readonly next: Token } {
    if (kind === TOKEN.digitOrZero && this.peek() === '0') {
      return { value: this.readZeros(), next: this.atEnd() ? TOKEN.end : TOKEN.digit };
    }
    const value = this.readValue(kind);
    if (value === null) {
      return { value: -1n, next: TOKEN.invalid };
    }
    return { value, next: this.atEnd() ? TOKEN.end : this.nextKind(kind) };
  }

  private readValue(kind: Token): bigint | null {
    switch (kind) {
      case TOKEN.digitOrZero:
      case TOKEN.digit:
      case TOKEN.suffixNumber:
      case TOKEN.revision:
        return this.readNumber();
      case TOKEN.letter:
        this.position += 1;
        return BigInt(this.characters[this.position - 1]?.codePointAt(0) ?? 0);
      case TOKEN.suffix:
        return this.readSuffix();
      case TOKEN.invalid:
      case TOKEN.end:
        return null;
    }
  }

  private peek(): string | undefined {
    return this.characters[this.position];
  }

  private atEnd(): boolean {
    return this.position >= this.characters.length;
  }

  /** Each leading zero takes one off, so `1.02` comes before `1.1`. */
  private readZeros(): bigint {
    const start = this.position;
    while (this.peek() === '0') {
      this.position += 1;
    }
    return BigInt(start - this.position);
  }

  private readNumber(): bigint {
    let value = 0n;
    while (isDigit(this.peek())) {
      value = BigInt.asIntN(64, value * 10n + BigInt((this.peek()?.codePointAt(0) ?? 48) - 48));
      this.position += 1;
    }
    return value;
  }

  private readSuffix(): bigint | null {
    const rest = this.characters.slice(this.position, this.position + 5).join('');
    const pre = PRE_SUFFIXES.findIndex((suffix) => rest.startsWith(suffix));
    if (pre >= 0) {
      this.position += PRE_SUFFIXES[pre]?.length ?? 0;
      return BigInt(pre - PRE_SUFFIXES.length);
    }
    const post = POST_SUFFIXES.findIndex((suffix) => rest.startsWith(suffix));
    this.position += POST_SUFFIXES[post]?.length ?? 0;
    return post < 0 ? null : BigInt(post);
  }

  private nextKind(kind: Token): Token {
    const next = this.kindHere(kind);
    const back =
      (next === TOKEN.digitOrZero && kind === TOKEN.digit) ||
      (next === TOKEN.suffix && kind === TOKEN.suffixNumber) ||
      (next === TOKEN.digit && kind === TOKEN.letter);
    return next < kind && !back ? TOKEN.invalid : next;
  }

  private kindHere(kind: Token): Token {
    const character = this.peek();
    if ((kind === TOKEN.digit || kind === TOKEN.digitOrZero) && isLower(character)) {
      return TOKEN.letter;
    }
    if (kind === TOKEN.letter && isDigit(character)) {
      return TOKEN.digit;
    }
    if (kind === TOKEN.suffix && isDigit(character)) {
      return TOKEN.suffixNumber;
    }
    this.position += 1;
    if (character === '.') {
      return TOKEN.digitOrZero;
    }
    if (character === '_') {
      return TOKEN.suffix;
    }
    if (character !== '-' || this.atEnd()) {
      return TOKEN.invalid;
    }
    // The letter after the dash is read without a look at it, as the scanner does.
    this.position += 1;
    return TOKEN.revision;
  }
}

function isValid(version: string): boolean {
  const reader = new Reader(version);
  let kind: Token = TOKEN.digit;
  while (kind !== TOKEN.end && kind !== TOKEN.invalid) {
    kind = reader.read(kind).next;
  }
  return kind === TOKEN.end;
}

/** Where one version goes on and the other is something else: a pre-release suffix makes it the smaller one. */
function compareRest(a: Reader, aKind: Token, b: Reader, bKind: Token): number {
  if (aKind === bKind) {
    return 0;
  }
  if (aKind === TOKEN.suffix && a.read(aKind).value < 0n) {
    return -1;
  }
  if (bKind === TOKEN.suffix && b.read(bKind).value < 0n) {
    return 1;
  }
  return sign(bKind, aKind);
}

/** The order of apk; null when one of them is no version. */
export function compareApk(a: string, b: string): number | null {
  if (!isValid(a) || !isValid(b)) {
    return null;
  }
  const left = new Reader(a);
  const right = new Reader(b);
  let leftKind: Token = TOKEN.digit;
  let rightKind: Token = TOKEN.digit;
  let order = 0;
  while (order === 0 && leftKind === rightKind && leftKind !== TOKEN.end) {
    const one = left.read(leftKind);
    const other = right.read(rightKind);
    leftKind = one.next;
    rightKind = other.next;
    order = sign(one.value, other.value);
  }
  return order || compareRest(left, leftKind, right, rightKind);
}

/** A generator of pseudo-random numbers, the same for a seed (mulberry32). */
export class Dice {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** From 0 up to `limit`, without it. */
  below(limit: number): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }

  /** One of them; an empty text when there are none. */
  pick(texts: readonly string[]): string {
    return texts[this.below(texts.length)] ?? '';
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  /** Between `least` and `most` of what `make` gives. */
  some(least: number, most: number, make: () => string): readonly string[] {
    return Array.from({ length: least + this.below(most - least + 1) }, make);
  }
}

const NUMBERS = ['0', '0', '1', '1', '2', '3', '9', '10', '11', '01', '00', '99', '20230717'];
const LARGE = ['9223372036854775807', '9223372036854775808', '18446744073709551616'];

function number(dice: Dice): string {
  return dice.chance(1) ? dice.pick(LARGE) : dice.pick(NUMBERS);
}

function numbers(dice: Dice, most = 4): string {
  return dice.some(1, most, () => number(dice)).join('.');
}

const strict = (dice: Dice): string => dice.pick(['0', '1', '2', '9', '10', '11']);

export type MakeVersion = (dice: Dice) => string;

export const debVersion: MakeVersion = (dice) =>
  [
    dice.chance(20) ? dice.pick(['0:', '1:', '2:', '8:']) : '',
    numbers(dice),
    dice.chance(40) ? dice.pick(['~rc1', '~', '+dfsg', 'a', 'p2', '+really1.0', '_x', '^1', '.~1']) : '',
    dice.chance(70)
      ? `-${number(dice)}${dice.pick(['', '', '+deb12u1', '+deb12u10', '~bpo12+1', '~deb12u2', 'ubuntu0.3', '.1', '+b1'])}`
      : '',
    dice.chance(2) ? dice.pick(['!', ' ', 'x:']) : '',
  ].join('');

export const rpmVersion: MakeVersion = (dice) =>
  [
    dice.chance(20) ? dice.pick(['0:', '1:', '32:']) : '',
    numbers(dice),
    dice.chance(40) ? dice.pick(['~rc1', '^git1', 'k', 'g', '_2', '+x', '.P2', '~~', '^']) : '',
    dice.chance(80)
      ? `-${number(dice)}${dice.pick(['', '.el9', '.el9_3', '.el9_3.2', '.el9.alma.1', '.module+el9', '~1', '^2'])}`
      : '',
  ].join('');

export const apkVersion: MakeVersion = (dice) =>
  [
    numbers(dice),
    dice.chance(20) ? dice.pick(['a', 'b', 'z']) : '',
    ...dice.some(0, 2, () =>
      dice.chance(60)
        ? `_${dice.pick(['alpha', 'beta', 'pre', 'rc', 'cvs', 'svn', 'git', 'hg', 'p'])}${dice.pick(['', '1', '2', '10', '20230717'])}`
        : '',
    ),
    dice.chance(70) ? `-r${number(dice)}` : '',
    dice.chance(3) ? dice.pick(['_foo', '.', '-', '_', 'bc', '-x1']) : '',
  ].join('');

export const semverVersion: MakeVersion = (dice) =>
  [
    `${strict(dice)}.${strict(dice)}`,
    dice.chance(97) ? `.${strict(dice)}` : '',
    dice.chance(30)
      ? `-${dice.some(1, 3, () => dice.pick(['alpha', 'beta', 'rc', '0', '1', '2', '10', 'x', 'a-b', '1a'])).join('.')}`
      : '',
    dice.chance(5) ? '+build.7' : '',
  ].join('');

export const genericVersion: MakeVersion = (dice) =>
  [
    dice.chance(20) ? 'v' : '',
    numbers(dice),
    dice.chance(30)
      ? dice.pick(['-rc1', '-alpha.2', '-0', '-beta', '-1', 'rc2', '-20220314-1baeb1c', '-preview1', '~1', '.x'])
      : '',
    dice.chance(10) ? dice.pick(['+incompatible', '+build.1']) : '',
  ].join('');

export const pythonVersion: MakeVersion = (dice) =>
  [
    dice.chance(5) ? 'v' : '',
    dice.chance(8) ? dice.pick(['0!', '1!']) : '',
    numbers(dice),
    dice.chance(25) ? dice.pick(['a1', 'b2', 'rc1', '.rc.2', 'c3', '-beta', 'a', 'pre1', 'alpha1']) : '',
    dice.chance(20) ? dice.pick(['.post1', '-1', '.rev2', 'post', '.post0']) : '',
    dice.chance(15) ? dice.pick(['.dev0', '.dev1', 'dev', '-dev2']) : '',
    dice.chance(10) ? dice.pick(['+local', '+1', '+ubuntu.1', '+a.b', '+1.a']) : '',
    dice.chance(2) ? dice.pick(['x', '!', '.*']) : '',
  ].join('');

export const mavenVersion: MakeVersion = (dice) =>
  dice
    .some(1, 5, () =>
      dice.chance(60)
        ? number(dice)
        : dice.pick(['alpha', 'beta', 'b', 'a', 'm', 'rc', 'cr', 'snapshot', 'final', 'ga', 'release', 'sp', 'jre', 'foo', 'GA']),
    )
    .flatMap((part, index) => (index === 0 ? [part] : [dice.pick(['.', '.', '-', '', '_', '..']), part]))
    .join('');

export const gemVersion: MakeVersion = (dice) =>
  [
    // The scanner's library falls over numbers beyond 64 bits.
    dice.some(1, 4, () => dice.pick(NUMBERS)).join('.'),
    dice.chance(30) ? dice.pick(['.rc1', '.pre', '.beta.2', '.a', '-x86', '-java.1', '.1.rc2', 'b']) : '',
  ].join('');

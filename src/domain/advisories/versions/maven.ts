import { sign } from './sign';

/** A number, a qualifier or what follows a dash or a change from letters to digits (maven-artifact, ComparableVersion). */
type Item = bigint | string | readonly Item[];
export type MavenVersion = readonly Item[];

const QUALIFIERS: readonly string[] = ['alpha', 'beta', 'milestone', 'rc', 'snapshot', '', 'sp'];
const RELEASE = String(QUALIFIERS.indexOf(''));
const ALIASES: Readonly<Record<string, string>> = { ga: '', final: '', release: '', cr: 'rc' };
const BEFORE_DIGIT: Readonly<Record<string, string>> = { a: 'alpha', b: 'beta', m: 'milestone' };
const MAX_INT64 = 2n ** 63n - 1n;

const isList = (item: Item | undefined): item is readonly Item[] => Array.isArray(item);

function qualifier(text: string, beforeDigit: boolean): string {
  const full = beforeDigit && Object.hasOwn(BEFORE_DIGIT, text) ? BEFORE_DIGIT[text] : undefined;
  return full ?? (Object.hasOwn(ALIASES, text) ? (ALIASES[text] ?? '') : text);
}

function itemOf(digits: boolean, text: string): Item {
  if (!digits) {
    return qualifier(text, false);
  }
  const value = BigInt(text);
  return value > MAX_INT64 ? MAX_INT64 : value;
}

const isNull = (item: Item): boolean =>
  item === 0n || item === '' || (isList(item) && item.length === 0);

function withoutNulls(items: readonly Item[]): readonly Item[] {
  return items.slice(0, items.findLastIndex((item) => !isNull(item)) + 1);
}

/** Lists in the order in which they are nested; a port of the scanner's reader with its quirks. */
function listsOf(version: string): readonly (readonly Item[])[] {
  const lists: Item[][] = [];
  let list: Item[] = [];
  let digits = false;
  let start = 0;
  const close = (item: Item, next: number): void => {
    list.push(item);
    lists.push(list);
    list = [];
    start = next;
  };
  for (let at = 0; at < version.length; at += 1) {
    const character = version[at] ?? '';
    if (character === '.' || character === '-') {
      const item = at === start ? 0n : itemOf(digits, version.slice(start, at));
      if (character === '-') {
        close(item, at + 1);
      } else {
        list.push(item);
        start = at + 1;
      }
    } else {
      const isDigit = character >= '0' && character <= '9';
      if (isDigit !== digits && at > start) {
        const text = version.slice(start, at);
        close(isDigit ? qualifier(text, true) : itemOf(true, text), at);
      }
      digits = isDigit;
    }
  }
  if (version.length > start) {
    close(itemOf(digits, version.slice(start)), version.length);
  }
  return lists.length === 0 ? [list] : lists;
}

export function parseMaven(text: string): MavenVersion {
  const lists = listsOf(text.toLowerCase()).map(withoutNulls);
  return lists.reduceRight((inner, list) => [...list, inner]);
}

function rank(text: string): string {
  const index = QUALIFIERS.indexOf(text);
  return index < 0 ? `${QUALIFIERS.length}-${text}` : String(index);
}

function compareToNothing(item: Item): number {
  if (isList(item)) {
    return item.map(compareToNothing).find((order) => order !== 0) ?? 0;
  }
  return typeof item === 'bigint' ? sign(item, 0n) : sign(rank(item), RELEASE);
}

/** Qualifiers come before lists, lists before numbers. */
function kindOf(item: Item): number {
  return typeof item === 'string' ? 0 : isList(item) ? 1 : 2;
}

function compareItem(a: Item, b: Item): number {
  if (typeof a === 'bigint' && typeof b === 'bigint') {
    return sign(a, b);
  }
  if (typeof a === 'string' && typeof b === 'string') {
    return sign(rank(a), rank(b));
  }
  return isList(a) && isList(b) ? compareMaven(a, b) : sign(kindOf(a), kindOf(b));
}

export function compareMaven(a: MavenVersion, b: MavenVersion): number {
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const left = a[index];
    const right = b[index];
    const order =
      left === undefined
        ? -compareToNothing(right ?? 0n)
        : right === undefined
          ? compareToNothing(left)
          : compareItem(left, right);
    if (order !== 0) {
      return order;
    }
  }
  return 0;
}

import { createRangeReader, type Constraint } from './tokens';

/** Far beyond every version there is; regular expressions take time by the square of it. */
const MAX_VERSION = 1_000;

/** Whether the version is in one of the ranges, written as their language does; null when version or ranges are not understood. */
export type RangeCheck = (version: string, ranges: string) => boolean | null;

export type Operators<V, L = V> = Readonly<Record<string, (version: V, limit: L) => boolean>>;

export interface VersionRules<V, L> {
  /** Regular expression of a version in a range, and whether upper case is one, too. */
  readonly version: string;
  readonly ignoreCase?: boolean;
  readonly parse: (text: string) => V | null;
  /** Of a version in a range, for its operator. */
  readonly parseLimit: (text: string, operator: string) => L | null;
  readonly operators: Operators<V, L>;
  /** What nothing at all means; not understood when left out. */
  readonly blank?: boolean;
}

/** The operators of every language. */
export function comparisons<V>(compare: (a: V, b: V) => number): Operators<V> {
  return {
    '': (v, c) => compare(v, c) === 0,
    '=': (v, c) => compare(v, c) === 0,
    '==': (v, c) => compare(v, c) === 0,
    '!=': (v, c) => compare(v, c) !== 0,
    '>': (v, c) => compare(v, c) > 0,
    '<': (v, c) => compare(v, c) < 0,
    '>=': (v, c) => compare(v, c) >= 0,
    '=>': (v, c) => compare(v, c) >= 0,
    '<=': (v, c) => compare(v, c) <= 0,
    '=<': (v, c) => compare(v, c) <= 0,
  };
}

/** One alternative: all of its constraints hold. Null when one is not understood. */
function holds<V, L>(
  version: V,
  constraints: readonly Constraint[],
  rules: VersionRules<V, L>,
): boolean | null {
  if (constraints.length === 0) {
    return rules.blank ?? null;
  }
  const results = constraints.map(({ operator, version: text }) => {
    const limit = rules.parseLimit(text, operator);
    return limit === null ? null : rules.operators[operator]?.(version, limit);
  });
  return results.some((one) => one === null) ? null : results.every(Boolean);
}

/** The check of a language, by its rules. */
export function rangeCheck<V, L>(rules: VersionRules<V, L>): RangeCheck {
  const operators = Object.keys(rules.operators).filter((operator) => operator !== '');
  const read = createRangeReader({ ...rules, operators });
  return (text, ranges) => {
    const version = text.length > MAX_VERSION ? null : rules.parse(text);
    const alternatives = read(ranges);
    if (version === null || !alternatives) {
      return null;
    }
    const results = alternatives.map((constraints) => holds(version, constraints, rules));
    return results.some((one) => one === null) ? null : results.some(Boolean);
  };
}

/** The scanner would make sense of longer ranges, we do not: none is near it. */
const MAX_TEXT = 1_000;
/** Where tokens must be looked for one way and another. */
const MAX_AMBIGUOUS = 200;

/** What white space is to Go's regular expressions. */
export const SPACE = '[\\t\\n\\f\\r ]';

/** How a language writes ranges: an operator before a version, several together, alternatives between `||`. */
export interface RangeSyntax {
  readonly operators: readonly string[];
  /** Regular expression of a version. */
  readonly version: string;
  /** Whether upper case is read as lower case when constraints are found (not when they are checked). */
  readonly ignoreCase?: boolean;
}

export interface Constraint {
  readonly operator: string;
  readonly version: string;
}

function source({ operators, version }: RangeSyntax): string {
  const escaped = operators.map((operator) => operator.replaceAll('^', '\\^'));
  return `(${escaped.join('|')}|)${SPACE}*(${version})`;
}

const BLANK = new RegExp(`^${SPACE}*$`);

/** Whether `text` is nothing but tokens: as `^(token)*$` would find, without its exponential time on hostile text. */
function isTokens(text: string, token: RegExp): boolean {
  const reached = new Set([0]);
  for (let start = 0; start < text.length; start += 1) {
    if (!reached.has(start)) {
      continue;
    }
    for (let end = start + 1; end <= text.length; end += 1) {
      if (!reached.has(end) && token.test(text.slice(start, end))) {
        reached.add(end);
      }
    }
  }
  return Array.from(reached).some((end) => BLANK.test(text.slice(end)));
}

/** Whether tokens, taken as long as they come, reach the end: true for all that feeds write in earnest. */
function isTokensGreedily(text: string, token: RegExp): boolean {
  let end = 0;
  for (const [found] of text.matchAll(token)) {
    end += found.length;
  }
  return BLANK.test(text.slice(end));
}

/** The alternatives of a range, each a list of constraints that hold together; null when it is not understood. */
export type RangeReader = (ranges: string) => readonly (readonly Constraint[])[] | null;

/**
 * Reads ranges of a language. What is found may be less than what is written, `>= 1.0alpha1` is `>= 1.0a` and `1`: the
 * scanner reads it so.
 */
export function createRangeReader(syntax: RangeSyntax): RangeReader {
  const token = source(syntax);
  const whole = new RegExp(`^${SPACE}*${token}${SPACE}*,?$`);
  const next = new RegExp(`${SPACE}*${token}${SPACE}*,?`, 'gy');
  const constraint = new RegExp(token, syntax.ignoreCase ? 'gi' : 'g');

  function constraintsOf(text: string): readonly Constraint[] | null {
    const isShort = text.length <= MAX_AMBIGUOUS;
    if (!isTokensGreedily(text, next) && !(isShort && isTokens(text, whole))) {
      return null;
    }
    const found = text.matchAll(constraint);
    return Array.from(found, ([, operator = '', version = '']) => ({ operator, version }));
  }

  return (ranges) => {
    const alternatives = ranges
      .split('||')
      .map((text) => (text.length > MAX_TEXT ? null : constraintsOf(text)));
    return alternatives.every((one) => one !== null) ? alternatives : null;
  };
}

import { compareMaven, parseMaven, type MavenVersion } from './maven';
import { comparisons, rangeCheck, type RangeCheck } from './ranges';

const OPERATORS = comparisons(compareMaven);
const LEAST = '-----1';
const LARGEST = '99999999999999999999';

type Check = (version: MavenVersion) => boolean;

function limit(operator: string, text: string): Check {
  const parsed = parseMaven(text);
  return (version) => OPERATORS[operator]?.(version, parsed) ?? false;
}

/** `[1.0,2.0)`, `(,1.0]`, `[1.0]`; null when there are more than two ends. */
function requirementOf(text: string): readonly Check[] | null {
  const [first = '', second, third] = text.split(',');
  if (second === undefined) {
    // The scanner's library cuts two characters off the end, not one: `[1.0.0]` is 1.0.
    return [limit('=', first.slice(1, Math.max(1, first.length - 2)))];
  }
  if (third !== undefined) {
    return null;
  }
  return [
    limit(first.startsWith('[') ? '>=' : '>', first.slice(1) || LEAST),
    limit(second.endsWith(']') ? '<=' : '<', second.slice(0, -1) || LARGEST),
  ];
}

const inConstraints = rangeCheck({
  version: '[0-9A-Za-z\\-~_.+]+',
  parse: parseMaven,
  parseLimit: parseMaven,
  operators: OPERATORS,
});

/** Requirements as in a POM. */
function inRequirement(version: string, ranges: string): boolean | null {
  const found = ranges.replaceAll(/\s/g, '').match(/[[(][0-9A-Za-z\-.,]+[\])]/g) ?? [];
  const requirements = found.map(requirementOf);
  if (requirements.length === 0 || !requirements.every((one) => one !== null)) {
    return null;
  }
  const parsed = parseMaven(version);
  return requirements.some((checks) => checks.every((check) => check(parsed)));
}

/** masahiro331/go-mvn-version: constraints, else requirements. */
export const inMavenRange: RangeCheck = (version, ranges) =>
  inConstraints(version, ranges) ?? inRequirement(version, ranges);

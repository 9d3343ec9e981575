/** Where the numbers of a window come from: which series count requests and errors, and which time them. */
export interface MetricDefinition {
  /** The preset it comes from, or `custom`: for messages. */
  readonly name: string;
  readonly requests: MetricSelector;
  readonly errors: MetricSelector;
  /** A classic histogram by its `_bucket` series, or a native one by its own name. */
  readonly durations: MetricSelector;
  readonly durationUnit: 'seconds' | 'milliseconds';
  /**
   * Series that are there while the gateway is scraped, with or without requests: then a version without series had none. Null:
   * a version without series could not be measured.
   */
  readonly alive: MetricSelector | null;
}

export interface MetricSelector {
  readonly metric: string;
  readonly match: readonly LabelMatch[];
}

export interface LabelMatch {
  readonly label: string;
  readonly is: '=' | '!=' | '=~' | '!~';
  /** With placeholders; a regular expression (RE2, anchored) with `=~` and `!~`. */
  readonly value: string;
}

/** What a placeholder of a definition stands for. */
export interface MetricNames {
  readonly service: string;
  readonly env: string;
  /** The digest. */
  readonly version: string;
  /** Where the requests of the version go. */
  readonly track: 'stable' | 'candidate';
  readonly namespace: string;
  /** The object that splits the traffic. */
  readonly route: string;
  /** The Service of the version. */
  readonly backend: string;
  /** Its place among the backends of the route, from 0. */
  readonly position: string;
}

const PLACEHOLDERS: readonly (keyof MetricNames)[] = [
  'service',
  'env',
  'version',
  'track',
  'namespace',
  'route',
  'backend',
  'position',
];

const PLACEHOLDER = /\{\{([^{}]*)\}\}/g;
const METRIC = /^[A-Za-z_:][A-Za-z0-9_:]{0,199}$/;
const LABEL = /^[A-Za-z_][A-Za-z0-9_]{0,99}$/;
const MAX_VALUE = 300;
/** RE2 knows no look-around and no back-reference. */
const NOT_RE2 = /\(\?[=!<]|\\[1-9]/;

/** One of each has to stand in what a version is told by, or series of several would be one. */
const TELLS: readonly (readonly [string, readonly (keyof MetricNames)[]])[] = [
  ['candidate and stable', ['version', 'backend', 'track', 'position']],
  ['services', ['service', 'route', 'backend']],
  ['environments', ['env', 'namespace']],
];

interface DefinitionFault {
  /** `errors.match.response_code` */
  readonly field: readonly string[];
  readonly message: string;
}

/** What is wrong with a definition; empty when it can be used. */
export function findDefinitionFaults(definition: MetricDefinition): readonly DefinitionFault[] {
  const { requests, errors, durations, alive } = definition;
  const selectors = { requests, errors, durations };
  return [
    ...Object.entries(selectors).flatMap(([field, selector]) => [
      ...selectorFaults(field, selector),
      ...tellingFaults(field, selector),
    ]),
    ...(alive ? [...selectorFaults('alive', alive), ...steadyFaults(alive)] : []),
  ];
}

function selectorFaults(field: string, { metric, match }: MetricSelector): DefinitionFault[] {
  const name = METRIC.test(metric)
    ? []
    : [{ field: [field, 'metric'], message: `"${metric}" is not the name of a metric` }];
  return [...name, ...match.flatMap((one) => matchFaults(field, one))];
}

function matchFaults(field: string, { label, is, value }: LabelMatch): DefinitionFault[] {
  const faults: string[] = [];
  if (!LABEL.test(label) || label.startsWith('__')) faults.push('is not the name of a label');
  if (value.length > MAX_VALUE) faults.push(`is longer than ${MAX_VALUE} characters`);
  if (hasControlCharacter(value)) faults.push('holds a control character');
  for (const name of namesIn(value)) {
    if (!PLACEHOLDERS.includes(name as keyof MetricNames)) {
      faults.push(`{{${name}}} is not known: there are ${PLACEHOLDERS.join(', ')}`);
    }
  }
  const rest = value.replaceAll(PLACEHOLDER, 'x');
  const isOpen = rest.includes('{{') || rest.includes('}}');
  if (isOpen) faults.push('holds a placeholder that is not closed');
  if ((is === '=~' || is === '!~') && !isPattern(rest)) faults.push('is not a regular expression');
  return faults.map((message) => ({ field: [field, 'match', label], message }));
}

function tellingFaults(field: string, { match }: MetricSelector): DefinitionFault[] {
  const used = match
    .filter(({ is }) => is === '=' || is === '=~')
    .flatMap(({ value }) => namesIn(value));
  return TELLS.filter(([, names]) => !names.some((name) => used.includes(name))).map(
    ([what, names]) => ({
      field: [field, 'match'],
      message: `holds none of ${names.map((name) => `{{${name}}}`).join(', ')}, which would tell ${what} apart`,
    }),
  );
}

/** What shows that the gateway is scraped must not hang on what runs behind it. */
function steadyFaults({ match }: MetricSelector): DefinitionFault[] {
  return match
    .filter(({ value }) => namesIn(value).some((name) => name !== 'env' && name !== 'namespace'))
    .map(({ label }) => ({
      field: ['alive', 'match', label],
      message: 'may hold {{env}} and {{namespace}} only: it is there with or without the version',
    }));
}

/** Versions are told apart by their place in the route. */
export function countsByPosition({ requests, errors, durations }: MetricDefinition): boolean {
  return [requests, errors, durations].some(({ match }) =>
    match.some(({ value }) => namesIn(value).includes('position')),
  );
}

function namesIn(value: string): readonly string[] {
  return [...value.matchAll(PLACEHOLDER)].map(([, name = '']) => name);
}

function isPattern(text: string): boolean {
  if (NOT_RE2.test(text)) return false;
  try {
    new RegExp(text, 'u');
    return true;
  } catch {
    return false;
  }
}

function hasControlCharacter(text: string): boolean {
  return text.split('').some((char) => char.charCodeAt(0) < 32 || char.charCodeAt(0) === 127);
}

/** The selector as PromQL. Whatever the names hold, it stays inside of its quotes. */
export function selectorOf({ metric, match }: MetricSelector, names: Partial<MetricNames>): string {
  const matchers = match.map(({ label, is, value }) => {
    const asPattern = is === '=~' || is === '!~';
    const text = value.replaceAll(PLACEHOLDER, (found, name: string) => {
      const put = names[name as keyof MetricNames] ?? found;
      return asPattern ? escapePattern(put) : put;
    });
    return `${label}${is}${quote(text)}`;
  });
  return `${metric}{${matchers.join(',')}}`;
}

/** RE2 takes a backslash before every punctuation mark as that mark. */
function escapePattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** PromQL string literal (querying basics, "String literals"). */
function quote(text: string): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
  return `"${escaped}"`;
}

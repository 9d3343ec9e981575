import type { Digest } from './digest';
import { durationText } from './plan-duration';
import type { Environment, ServiceName } from './reference';

/** What the placeholders of a query stand for. */
export interface QueryValues {
  readonly service: ServiceName;
  /** Digest of the track that is measured. */
  readonly version: Digest;
  readonly env: Environment;
  /** As rangeMsOf gives it. */
  readonly windowMs: number;
  /** What the metrics source calls the track; nothing without it. */
  readonly names?: QueryNames;
}

/** Where the numbers of a track are found. Texts are put inside of quotes, selectors outside. */
export interface QueryNames {
  readonly texts: Readonly<Partial<Record<TextName, string>>>;
  /** Selectors of the source that counts requests and errors and times them: of this track only. */
  readonly selectors: Readonly<Partial<Record<SelectorName, string>>>;
}

/** As QueryValues, before there is a track: what is not known yet stays as it is. */
export type PreviewValues = Omit<QueryValues, 'version'> & {
  readonly version: Digest | null;
};

const NAMES = ['track', 'namespace', 'route', 'backend', 'position'] as const;
type TextName = (typeof NAMES)[number];
const SELECTORS = ['requests', 'errors', 'durations'] as const;
type SelectorName = (typeof SELECTORS)[number];
const TEXTS: readonly string[] = ['service', 'version', 'env', ...NAMES];
const CODES: readonly string[] = ['window', ...SELECTORS];
const KNOWN = [...TEXTS, ...CODES];
/** One of them has to be in a query. */
const TELLING = ['version', 'backend', 'track', 'position', ...SELECTORS];
const PLACEHOLDER = /\{\{([^{}]*)\}\}/g;
/** Nothing that could end a PromQL string, in any of its three kinds of quotes. */
const SAFE_TEXT = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,254}$/;
const WORD = /[A-Za-z0-9_.]/;
const QUOTE = /["'`]/;
/** Code that makes the string after it a regular expression. */
const MATCHES = /(?:=~|!~)\s*$/;
/**
 * `rate()` needs two scrapes in a range. Ranges are open to the left (Prometheus 3.0), so that two scrape intervals hold just two: one increment,
 * which no sample a scrape later sees again. With more, neighbours would share most of what they tell. A lost scrape is a hole.
 */
const SCRAPES_IN_RANGE = 2;

/** The range of `{{window}}`: the sample interval, or two scrapes where that is shorter. */
export function rangeMsOf(sampleIntervalMs: number, scrapeIntervalMs: number): number {
  return Math.max(sampleIntervalMs, SCRAPES_IN_RANGE * scrapeIntervalMs);
}

type Place = 'code' | 'string' | 'comment';

/** Why a query can't be used, a sentence each; empty when it can. Its PromQL is Prometheus' to judge. */
export function findQueryFaults(template: string): readonly string[] {
  const { places, closed } = placesOf(template);
  const faults: string[] = [];
  const used = new Set<string>();
  for (const match of template.matchAll(PLACEHOLDER)) {
    const [text, name = ''] = match;
    used.add(name);
    const fault = placeholderFault(name, places[match.index] ?? 'code');
    if (fault !== null) faults.push(fault);
    else if (CODES.includes(name) && isGlued(template, match.index, text.length)) {
      const what = name === 'window' ? 'a duration with its unit' : 'a whole selector';
      faults.push(`{{${name}}} must stand by itself: it is ${what}`);
    }
  }
  if (template.replaceAll(PLACEHOLDER, '').includes('{{')) {
    faults.push('{{ opens a placeholder that }} does not close');
  }
  if (!TELLING.some((name) => used.has(name))) {
    faults.push('{{version}} must occur, or candidate and stable would be the same series');
  }
  if (!closed) faults.push('a quote is not closed');
  if (hasControlCharacter(template)) faults.push('it holds a control character');
  return faults;
}

function placeholderFault(name: string, place: Place): string | null {
  if (!KNOWN.includes(name)) {
    return `{{${name}}} is not known: there are ${KNOWN.map((one) => `{{${one}}}`).join(' ')}`;
  }
  if (place === 'comment') return `{{${name}}} stands in a comment`;
  if (CODES.includes(name)) {
    const what = name === 'window' ? 'a duration' : 'a selector';
    return place === 'code' ? null : `{{${name}}} is ${what}: it must stand outside of quotes`;
  }
  return place === 'string' ? null : `{{${name}}} is text: it must stand inside quotes`;
}

/** `[2{{window}}]` would become `[215s]`. */
function isGlued(template: string, start: number, length: number): boolean {
  return [template[start - 1], template[start + length]].some(
    (next) => next !== undefined && WORD.test(next),
  );
}

/** Where each character stands, by the lexer of PromQL: quotes escape with a backslash, backticks don't. */
function placesOf(template: string): {
  readonly places: readonly Place[];
  readonly closed: boolean;
} {
  const places: Place[] = [];
  let quote = '';
  let escaped = false;
  for (const char of template.split('')) {
    if (quote === '') {
      if (char === '#' || char === '"' || char === "'" || char === '`') quote = char;
      places.push(quote === '#' ? 'comment' : 'code');
    } else if (quote === '#') {
      places.push('comment');
      if (char === '\n') quote = '';
    } else {
      places.push('string');
      if (escaped) escaped = false;
      else if (char === '\\' && quote !== '`') escaped = true;
      else if (char === quote) quote = '';
    }
  }
  return { places, closed: quote === '' || quote === '#' };
}

function hasControlCharacter(text: string): boolean {
  return text.split('').some((char) => {
    const code = char.charCodeAt(0);
    return (code < 32 && char !== '\n' && char !== '\t') || code === 127;
  });
}

/**
 * The PromQL of one track. Names and digest are put in as content of a string, the window as a duration, selectors as they are.
 * @throws RangeError for a template with faults, for a value that could end the string it is put in, and for a placeholder that
 * the metrics source has no name for.
 */
export function resolveQuery(template: string, values: QueryValues): string {
  const query = previewQuery(template, values);
  const [open] = template.match(PLACEHOLDER)?.filter((one) => query.includes(one)) ?? [];
  if (open !== undefined) {
    throw new RangeError(`the query can't be resolved: the metrics source has nothing for ${open}`);
  }
  return query;
}

/** As resolveQuery, with what is not known left as it is. @throws RangeError as that does. */
export function previewQuery(template: string, values: PreviewValues): string {
  const [fault] = findQueryFaults(template);
  if (fault !== undefined) {
    throw new RangeError(`the query can't be resolved: ${fault}`);
  }
  if (!Number.isInteger(values.windowMs) || values.windowMs <= 0) {
    throw new RangeError(`${values.windowMs} ms is not a range`);
  }
  const { texts = {}, selectors = {} } = values.names ?? {};
  const known: Readonly<Record<string, string>> = {
    ...Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, safeText(text)])),
    ...selectors,
    service: safeText(values.service),
    env: safeText(values.env),
    version: values.version === null ? '{{version}}' : safeText(values.version),
    window: durationText(values.windowMs),
  };
  const patterns = patternPlaces(template);
  return template.replaceAll(PLACEHOLDER, (found, name: string, at: number) => {
    const value = known[name] ?? found;
    return patterns.has(at) ? value.replaceAll('.', '[.]') : value;
  });
}

/** Where a string is a regular expression: a dot of a name there would be any character, and so another name. */
function patternPlaces(template: string): ReadonlySet<number> {
  const { places } = placesOf(template);
  const found = new Set<number>();
  let isPattern = false;
  for (const [at, place] of places.entries()) {
    if (place === 'string') {
      if (isPattern) found.add(at);
    } else {
      isPattern = QUOTE.test(template.charAt(at)) && MATCHES.test(template.slice(0, at));
    }
  }
  return found;
}

function safeText(text: string): string {
  if (!SAFE_TEXT.test(text)) {
    throw new RangeError(`"${text}" can't be put into a query`);
  }
  return text;
}

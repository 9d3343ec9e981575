import type { Digest } from './digest';
import { durationText } from './plan-duration';
import type { Environment, ServiceName } from './reference';

/** What the placeholders of a query stand for. */
export interface QueryValues {
  readonly service: ServiceName;
  /** Digest of the track that is measured. */
  readonly version: Digest;
  readonly env: Environment;
  /** The sample interval. */
  readonly windowMs: number;
}

/** As QueryValues, before there is a track: `{{version}}` stays as it is. */
export type PreviewValues = Omit<QueryValues, 'version'> & { readonly version: Digest | null };

const TEXTS = ['service', 'version', 'env'];
const KNOWN = [...TEXTS, 'window'];
const PLACEHOLDER = /\{\{([^{}]*)\}\}/g;
/** Nothing that could end a PromQL string, in any of its three kinds of quotes. */
const SAFE_TEXT = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,254}$/;
const WORD = /[A-Za-z0-9_.]/;

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
    else if (name === 'window' && isGlued(template, match.index, text.length)) {
      faults.push('{{window}} must stand by itself: it is a duration with its unit');
    }
  }
  if (template.replaceAll(PLACEHOLDER, '').includes('{{')) {
    faults.push('{{ opens a placeholder that }} does not close');
  }
  if (!used.has('version')) {
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
  if (name === 'window') {
    return place === 'code' ? null : '{{window}} is a duration: it must stand outside of quotes';
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
 * The PromQL of one track. Names and digest are put in as content of a string, the window as a duration.
 * @throws RangeError for a template with faults, and for a value that could end the string it is put in.
 */
export function resolveQuery(template: string, values: QueryValues): string {
  return previewQuery(template, values);
}

/** @throws RangeError as resolveQuery does. */
export function previewQuery(template: string, values: PreviewValues): string {
  const [fault] = findQueryFaults(template);
  if (fault !== undefined) {
    throw new RangeError(`the query can't be resolved: ${fault}`);
  }
  if (!Number.isInteger(values.windowMs) || values.windowMs <= 0) {
    throw new RangeError(`${values.windowMs} ms is not a sample interval`);
  }
  const texts: Readonly<Record<string, string>> = {
    service: safeText(values.service),
    env: safeText(values.env),
    version: values.version === null ? '{{version}}' : safeText(values.version),
    window: durationText(values.windowMs),
  };
  return template.replaceAll(PLACEHOLDER, (found, name: string) => texts[name] ?? found);
}

function safeText(text: string): string {
  if (!SAFE_TEXT.test(text)) {
    throw new RangeError(`"${text}" can't be put into a query`);
  }
  return text;
}

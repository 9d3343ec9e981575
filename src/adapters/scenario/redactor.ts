import { encodeForPath } from '../../domain/scenario-template';
import { decodedViews } from './decoded-views';
import { HIDDEN, hideNamed } from './hide-named';

/** Makes texts of requests and answers fit to be shown. */
export interface Redactor {
  /** A value that must not be seen from now on. */
  add(secret: string): void;
  /** On one line, without secrets, at most `max` characters. */
  text(text: string, max: number): string;
  /** The start of a text that may have been cut off in the middle of a secret. */
  start(text: string, cut: boolean, max: number): string;
}

const WITHHELD = '(withheld: it holds a secret in another encoding)';
/** More than is ever shown, so that what is hidden does not leave the place empty. */
const MAX_HEAD = 4096;

export function createRedactor(secrets: Iterable<string> = []): Redactor {
  const values = new Set<string>();
  const forms = new Set<string>();

  function add(secret: string): void {
    if (secret !== '' && !values.has(secret)) {
      values.add(secret);
      formsOf(secret).forEach((form) => forms.add(form));
    }
  }

  function hideValues(text: string): string {
    const longestFirst = [...forms].sort((a, b) => b.length - a.length);
    const plain = longestFirst.reduce((left, form) => left.replaceAll(form, HIDDEN), text);
    return plain.replaceAll(/[\w+/-]{8,}/g, (word) => (isSecretBase64(word) ? HIDDEN : word));
  }

  /** Also where the secret stands in the middle of what is encoded, as in `user:password`. */
  function isSecretBase64(word: string): boolean {
    const decoded = Buffer.from(word, 'base64').toString('utf8');
    return [...values].some((value) => decoded.includes(value));
  }

  function hide(text: string): string {
    const shown = hideValues(hideNamed(oneLine(hideValues(text))));
    const views = decodedViews(shown);
    return [...values].some((value) => views.some((view) => view.includes(value)))
      ? WITHHELD
      : shown;
  }

  function start(text: string, cut: boolean, max: number): string {
    const head = text.slice(0, MAX_HEAD);
    const wasCut = cut || head.length < text.length;
    return shorten(hide(wasCut ? withoutBrokenSecret(head, forms) : head), max);
  }

  for (const secret of secrets) {
    add(secret);
  }
  return { add, start, text: (text, max) => start(text, false, max) };
}

/** As the secret may be written in a URL, a form, JSON, a header, or encoded. */
function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret, 'utf8');
  const path = encodeForPath(secret);
  const percent = path.replaceAll('/', '%2F');
  const forms = [
    secret,
    oneLine(secret),
    path,
    percent,
    percent.replaceAll('%20', '+'),
    // The URL parser encodes it in a query.
    percent.replaceAll("'", '%27'),
    JSON.stringify(secret).slice(1, -1),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    bytes.toString('latin1'),
  ];
  return forms.filter((form) => form.trim() !== '');
}

/** Control characters would reach a terminal. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
}

/** A cut may leave the beginning of a secret, which no search for the whole of it finds. */
function withoutBrokenSecret(text: string, forms: ReadonlySet<string>): string {
  const whole = text.replace(/\ufffd+$/, '');
  const broken = Math.max(0, ...[...forms].map((form) => overlap(whole, form)));
  return whole.slice(0, whole.length - broken);
}

/** How many characters at the end of `text` are the beginning of `form`. */
function overlap(text: string, form: string): number {
  let length = Math.min(form.length - 1, text.length);
  while (length > 0 && !text.endsWith(form.slice(0, length))) {
    length -= 1;
  }
  return length;
}

function shorten(text: string, max: number): string {
  return text.length > max ? `${text.slice(0, max - 1)}…` : text;
}

import { isSpace } from './space';

/** What a variable is: its text, null when it is unset, `unknown` when only the builder could tell. */
export type VariableValue = string | null | { readonly unknown: true };

interface WordRules {
  readonly escape: '\\' | '`';
  readonly lookUp: (name: string) => VariableValue;
  /** Quotes stay in the result. */
  readonly rawQuotes?: boolean;
  /** Escape characters stay in the result. */
  readonly rawEscapes?: boolean;
  /** What names an unset variable stays as it is written. */
  readonly keepUnset?: boolean;
  /** Of the result, in characters; more is a fault. Default: 4096, longer than any name of an image. */
  readonly maxLength?: number;
}

/**
 * `unknown`: only the builder could tell. `limit`: BuildKit may well read it, we do not. `syntax`: BuildKit fails on it as well, or it is a
 * pattern of a variable that is set.
 */
type FaultCause = 'unknown' | 'limit' | 'syntax';

type Expansion =
  | { readonly ok: true; readonly text: string; readonly words: readonly string[] }
  | { readonly ok: false; readonly reason: string; readonly cause: FaultCause };

/** `${a:-${b:-…}}` deeper than this is nobody's Dockerfile. */
const MAX_DEPTH = 20;
const MAX_LENGTH = 4096;

const LETTER = /\w/;
const DIGIT = /\d/;
const SPECIAL_NAMES = '@*#?-$!';

class WordFault extends Error {
  readonly why: FaultCause;

  constructor(message: string, why: FaultCause = 'syntax') {
    super(message);
    this.why = why;
  }
}

interface Reader {
  readonly rules: WordRules;
  readonly text: readonly string[];
  at: number;
  depth: number;
  rawEscapes: boolean;
  /** One for all depths, as BuildKit has it: a `${…:-…}` drops the part of the word that stands before it. */
  buffer: string;
}

/**
 * Variables, quotes and escapes of a word, as BuildKit's lexer reads them (buildkit, frontend/dockerfile/shell/lex.go). Patterns
 * (`${a#b}`, `${a%b}`, `${a/b/c}`) of variables that are set are a fault: nobody names an image so.
 */
export function expandWord(word: string, rules: WordRules): Expansion {
  const reader: Reader = {
    rules,
    text: Array.from(word),
    at: 0,
    depth: 0,
    rawEscapes: rules.rawEscapes ?? false,
    buffer: '',
  };
  try {
    return { ok: true, ...readUntil(reader, null, reader.rawEscapes, false) };
  } catch (error) {
    if (error instanceof WordFault) {
      return { ok: false, reason: error.message, cause: error.why };
    }
    throw error;
  }
}

interface Part {
  readonly text: string;
  readonly words: readonly string[];
}

function readUntil(
  reader: Reader,
  stop: string | null,
  rawEscapes: boolean,
  pattern: boolean,
): Part {
  if (reader.depth >= MAX_DEPTH) throw new WordFault('variables are nested too deep', 'limit');
  const before = reader.rawEscapes;
  reader.rawEscapes = rawEscapes;
  reader.depth += 1;
  reader.buffer = '';
  const words = wordsOf(reader);
  const { maxLength = MAX_LENGTH } = reader.rules;
  let text = '';
  for (let char = peek(reader); char !== undefined && char !== stop; char = peek(reader)) {
    const read = readSpecial(reader, char, pattern) ?? readPlain(reader);
    text += read.text;
    if (text.length > maxLength) throw new WordFault('its value is too long', 'limit');
    words.add(read);
  }
  if (stop !== null && peek(reader) !== stop) throw new WordFault(`a "${stop}" is missing`);
  if (stop !== null) reader.at += 1;
  reader.depth -= 1;
  reader.rawEscapes = before;
  return { text, words: words.end() };
}

/** `splits`: spaces in it part words. */
interface Piece {
  readonly text: string;
  readonly splits: boolean;
}

function wordsOf(reader: Reader): { add(piece: Piece): void; end(): readonly string[] } {
  const words: string[] = [];
  let inWord = false;
  const take = (text: string): void => {
    reader.buffer += text;
    inWord = true;
  };
  return {
    add: ({ text, splits }) => {
      if (!splits) {
        if (text !== '') take(text);
        else inWord = true;
        return;
      }
      for (const char of text) {
        if (!isSpace(char)) take(char);
        else if (inWord && reader.buffer !== '') {
          words.push(reader.buffer);
          reader.buffer = '';
          inWord = false;
        }
      }
    },
    end: () => {
      if (reader.buffer !== '') words.push(reader.buffer);
      reader.buffer = '';
      return words;
    },
  };
}

function peek(reader: Reader): string | undefined {
  return reader.text[reader.at];
}

function next(reader: Reader): string | undefined {
  const char = reader.text[reader.at];
  reader.at += 1;
  return char;
}

function readSpecial(reader: Reader, char: string, pattern: boolean): Piece | null {
  if (char === '$') return { text: readVariable(reader), splits: true };
  if (char === "'") return { text: readSingleQuoted(reader, pattern), splits: false };
  if (char === '"') return { text: readDoubleQuoted(reader, pattern), splits: false };
  if (char === '<') return { text: readHeredocMark(reader), splits: false };
  return null;
}

function readPlain(reader: Reader): Piece {
  const char = next(reader) ?? '';
  if (char !== reader.rules.escape) return { text: char, splits: true };
  const kept = reader.rawEscapes ? char : '';
  return { text: kept + (next(reader) ?? ''), splits: false };
}

/** Spaces after `<<` belong to the word of a here-document. */
function readHeredocMark(reader: Reader): string {
  reader.at += 1;
  if (peek(reader) !== '<') return '<';
  reader.at += 1;
  let mark = '<<';
  for (let char = peek(reader); char !== undefined && /[\t\r ]/.test(char); char = peek(reader)) {
    mark += char;
    reader.at += 1;
  }
  return mark;
}

function readSingleQuoted(reader: Reader, pattern: boolean): string {
  const quote = reader.rules.rawQuotes ? "'" : '';
  reader.at += 1;
  let text = quote;
  for (let char = next(reader); char !== "'"; char = next(reader)) {
    if (char === undefined) throw new WordFault('a single quote is not closed');
    text += pattern && char === reader.rules.escape ? char + char : char;
  }
  return text + quote;
}

function readDoubleQuoted(reader: Reader, pattern: boolean): string {
  const quote = reader.rules.rawQuotes ? '"' : '';
  reader.at += 1;
  let text = quote;
  for (let char = peek(reader); char !== '"'; char = peek(reader)) {
    if (char === undefined) throw new WordFault('a double quote is not closed');
    text += char === '$' ? readVariable(reader) : readQuotedChar(reader, pattern);
  }
  reader.at += 1;
  return text + quote;
}

function readQuotedChar(reader: Reader, pattern: boolean): string {
  const { escape, rawQuotes } = reader.rules;
  const char = next(reader) ?? '';
  const after = peek(reader);
  if (char !== escape) return char;
  if (after === undefined) return '';
  if (after === '"' || after === '$' || after === escape) {
    reader.at += 1;
    return reader.rawEscapes ? char + after : after;
  }
  return reader.rawEscapes && (!rawQuotes || pattern) ? char + char : char;
}

/** Which letters beyond ASCII belong to a name goes by the Unicode that BuildKit was compiled with. */
function readName(reader: Reader): string {
  const first = peek(reader) ?? '';
  if (first !== '' && SPECIAL_NAMES.includes(first)) {
    reader.at += 1;
    return first;
  }
  const belongs = DIGIT.test(first) ? DIGIT : LETTER;
  let name = '';
  for (let char = peek(reader); char !== undefined && belongs.test(char); char = peek(reader)) {
    name += char;
    reader.at += 1;
  }
  if ((peek(reader) ?? '') > '\x7f') {
    throw new WordFault('a variable has letters beyond ASCII', 'limit');
  }
  return name;
}

function readVariable(reader: Reader): string {
  reader.at += 1;
  if (peek(reader) === '{') return readBraced(reader);
  const name = readName(reader);
  if (name === '') return '$';
  return valueOf(reader, name) ?? (reader.rules.keepUnset ? `$${name}` : '');
}

function valueOf({ rules }: Reader, name: string): string | null {
  const value = rules.lookUp(name);
  if (value === null || typeof value === 'string') return value;
  throw new WordFault(`only the builder knows the value of ${name}`, 'unknown');
}

function readBraced(reader: Reader): string {
  reader.at += 1;
  const first = peek(reader);
  if (first === undefined || '{}:'.includes(first)) throw new WordFault('it is no substitution');
  const name = readName(reader);
  const mark = next(reader);
  if (mark === '}') {
    return valueOf(reader, name) ?? (reader.rules.keepUnset ? `\${${name}}` : '');
  }
  if (mark === '/') return readReplacement(reader, name);
  const colon = mark === ':';
  const kind = colon ? next(reader) : mark;
  const isPattern = kind === '#' || kind === '%';
  if (kind === undefined || !(colon || '+-?#%'.includes(kind)) || (colon && isPattern)) {
    throw new WordFault(`"${mark ?? ''}" is no modifier of a variable`);
  }
  const { text: word } = readUntil(reader, '}', isPattern, isPattern);
  const value = valueOf(reader, name);
  if (value === null && reader.rules.keepUnset) {
    return `\${${name}${colon ? ':' : ''}${kind}${word}}`;
  }
  return modify({ name, kind, word, value, isUnset: value === null || (colon && value === '') });
}

interface Modifier {
  readonly name: string;
  readonly kind: string;
  readonly word: string;
  readonly value: string | null;
  /** Or empty, where that counts as unset. */
  readonly isUnset: boolean;
}

function modify({ name, kind, word, value, isUnset }: Modifier): string {
  if (kind === '-') return isUnset ? word : (value ?? '');
  if (kind === '+') return isUnset ? '' : word;
  if (kind === '?' && !isUnset) return value ?? '';
  if (kind === '?') throw new WordFault(`${name} must be set`);
  throw new WordFault(`the modifier "${kind}" is not taken here`);
}

function readReplacement(reader: Reader, name: string): string {
  const all = peek(reader) === '/';
  if (all) reader.at += 1;
  const pattern = readUntil(reader, '/', true, true).text;
  const replacement = readUntil(reader, '}', true, false).text;
  if (valueOf(reader, name) === null && reader.rules.keepUnset) {
    return `\${${name}/${pattern}/${replacement}}`;
  }
  throw new WordFault('the modifier "/" is not taken here');
}

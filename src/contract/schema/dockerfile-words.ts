import { isSpace, trimSpace } from '../../domain/dockerfile/space';

export interface SplitInstruction {
  /** In lower case. */
  readonly keyword: string;
  /** `--name=value` words that stand first, without their quotes and escapes. */
  readonly flags: readonly string[];
  /** Trimmed. */
  readonly args: string;
}

/** Where flags end: BuildKit looks for it byte by byte, and flags with anything beyond ASCII are refused. */
const FLAG_END = /[\t\n\v\f\r ]/;

/** Keyword, flags and the rest, as BuildKit parts them (frontend/dockerfile/parser/split_command.go). */
export function splitInstruction(text: string, escape: '\\' | '`'): SplitInstruction {
  const [, keyword = '', rest = ''] =
    /^([^\t\v\f\r ]*)[\t\v\f\r ]*([^]*)$/.exec(trimSpace(text)) ?? [];
  const { flags, args } = takeFlags(rest, escape);
  return { keyword: keyword.toLowerCase(), flags, args: trimSpace(args) };
}

function takeFlags(
  line: string,
  escape: string,
): { readonly flags: readonly string[]; readonly args: string } {
  const flags: string[] = [];
  let at = 0;
  for (;;) {
    while (at < line.length && FLAG_END.test(line.charAt(at))) at += 1;
    if (!line.startsWith('--', at)) return { flags, args: line.slice(at) };
    const { word, end } = takeWord(line, at, escape);
    if (word === '--') return { flags, args: line.slice(end) };
    flags.push(word);
    at = end;
  }
}

function takeWord(
  line: string,
  from: number,
  escape: string,
): { readonly word: string; readonly end: number } {
  let word = '';
  let quote = '';
  let at = from;
  for (; at < line.length; at += 1) {
    const char = line.charAt(at);
    if (quote === '' && FLAG_END.test(char)) break;
    if (quote === '' && (char === '"' || char === "'")) quote = char;
    else if (quote !== '' && char === quote) quote = '';
    else if (char === escape) {
      at += 1;
      word += line.charAt(at);
    } else word += char;
  }
  return { word, end: at };
}

/** Words of an instruction that takes a list: FROM, COPY, ADD. */
export function splitWords(args: string): readonly string[] {
  return args === '' ? [] : args.split(/[\t\v\f\r ]+/);
}

/** Words of ARG, quotes and escapes kept (frontend/dockerfile/parser/line_parsers.go, parseWords). */
export function splitArguments(args: string, escape: '\\' | '`'): readonly string[] {
  const words: string[] = [];
  let word = '';
  let quote = '';
  let quoted = false;
  const end = (): void => {
    if (word !== '' || quoted) words.push(word);
    word = '';
    quoted = false;
  };
  for (let at = 0; at < args.length; at += 1) {
    const char = args.charAt(at);
    if (quote === '' && isSpace(char)) {
      end();
      continue;
    }
    if (char === escape && quote !== "'") {
      // One at the end of the line escapes nothing, and is dropped.
      if (at + 1 < args.length) word += char + args.charAt(at + 1);
      at += 1;
      continue;
    }
    if (quote === '' && (char === '"' || char === "'")) {
      quote = char;
      quoted = true;
    } else if (char === quote) quote = '';
    word += char;
  }
  end();
  return words;
}

/** The texts of `["a", "b"]`; null for what is no such list. */
export function readJsonForm(args: string): readonly string[] | null {
  if (!args.startsWith('[')) return null;
  try {
    const value: unknown = JSON.parse(args);
    return Array.isArray(value) && value.every((one) => typeof one === 'string') ? value : null;
  } catch {
    return null;
  }
}

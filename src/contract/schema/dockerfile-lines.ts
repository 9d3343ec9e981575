import { expandWord } from '../../domain/dockerfile/word';
import type { DockerfileText } from './dockerfile-text';
import { readJsonForm, splitInstruction } from './dockerfile-words';

/** One instruction: continued lines joined, comments and blanks between them left out, here-documents read over. */
export interface DockerfileLine {
  readonly text: string;
  /** Of its first line, from 1. */
  readonly line: number;
}

interface UnclearLine extends DockerfileLine {
  readonly why: string;
}

interface Heredoc {
  readonly name: string;
  readonly chomp: boolean;
}

const TAKES_HEREDOC = ['add', 'copy', 'run'];
/** buildkit, frontend/dockerfile/parser, reHeredoc. */
const HEREDOC = /^\d*<<(-?)[\t\n\f\r ]*([^<]*)$/;
const NO_VARIABLES = {
  escape: '\\',
  lookUp: () => null,
  keepUnset: true,
  maxLength: 1024 * 1024,
} as const;

/** Reads instructions as BuildKit does (frontend/dockerfile/parser, Parse). `unclear`: those it would fail on. */
export function readInstructions({ lines, escape }: DockerfileText): {
  readonly instructions: readonly DockerfileLine[];
  readonly unclear: readonly UnclearLine[];
} {
  const instructions: DockerfileLine[] = [];
  const unclear: UnclearLine[] = [];
  let next = 0;
  while (next < lines.length) {
    const start = next + 1;
    const { text, after } = joinLines(lines, next, escape);
    next = after;
    if (text === null) continue;
    const heredocs = heredocsOf(text, escape);
    const end = heredocs && passHeredocs(lines, next, heredocs);
    if (end === null) {
      unclear.push({ text, line: start, why: 'it is unclear where its here-document ends' });
      break;
    }
    next = end;
    instructions.push({ text, line: start });
  }
  return { instructions, unclear };
}

/** What one instruction spans; null for a line that is none. */
function joinLines(
  lines: readonly string[],
  from: number,
  escape: string,
): { readonly text: string | null; readonly after: number } {
  // Two of them are an escaped one, and go on nowhere.
  const continued = escape === '`' ? /(^|[^`])`[ \t]*$/ : /(^|[^\\])\\[ \t]*$/;
  const first = (lines[from] ?? '').replace(/^[\s\u0085]+/, '');
  if (first === '' || first.startsWith('#')) return { text: null, after: from + 1 };
  const parts = [first.replace(continued, '$1')];
  let more = continued.test(first);
  let after = from + 1;
  for (; more && after < lines.length; after += 1) {
    const line = lines[after] ?? '';
    if (/^[\s\u0085]*(?:#|$)/.test(line)) continue;
    parts.push(line.replace(continued, '$1'));
    more = continued.test(line);
  }
  return { text: parts.join(''), after };
}

/** Null when BuildKit would not know either, or knows more than we do. */
function heredocsOf(text: string, escape: '\\' | '`'): readonly Heredoc[] | null {
  if (!text.includes('<<')) return [];
  const outer = splitInstruction(text, escape);
  const onbuild = outer.keyword === 'onbuild';
  const { keyword, args } = onbuild ? splitInstruction(outer.args, escape) : outer;
  if (!TAKES_HEREDOC.includes(keyword) || readJsonForm(args) !== null) return [];
  const line = expandWord(text, { ...NO_VARIABLES, rawQuotes: true, rawEscapes: true });
  if (!line.ok && line.cause === 'limit') return null;
  // What its shell lexer fails on, BuildKit takes for a line without here-documents.
  const found = (line.ok ? line.words : []).map(heredocOf);
  return found.includes('unclear') ? null : found.flatMap((one) => (isHeredoc(one) ? [one] : []));
}

function isHeredoc(one: Heredoc | 'none' | 'unclear'): one is Heredoc {
  return typeof one === 'object';
}

function heredocOf(word: string): Heredoc | 'none' | 'unclear' {
  const [, dash, rest = ''] = HEREDOC.exec(word) ?? [];
  if (rest === '') return 'none';
  const name = expandWord(rest, NO_VARIABLES);
  if (!name.ok) return 'unclear';
  const [only, second] = name.words;
  return only === undefined || second !== undefined ? 'none' : { name: only, chomp: dash === '-' };
}

/** The line after the last here-document; null when one has no end. */
function passHeredocs(
  lines: readonly string[],
  from: number,
  heredocs: readonly Heredoc[],
): number | null {
  let next = from;
  for (const { name, chomp } of heredocs) {
    const isEnd = (line: string): boolean => (chomp ? line.replace(/^\t+/, '') : line) === name;
    while (next < lines.length && !isEnd(lines[next] ?? '')) next += 1;
    if (next === lines.length) return null;
    next += 1;
  }
  return next;
}

/** The text of a Dockerfile as lines, and what BuildKit reads before any instruction. */
export interface DockerfileText {
  /** Without a byte order mark and without what ends a line. */
  readonly lines: readonly string[];
  readonly escape: '\\' | '`';
  /** A frontend that BuildKit would pull and run; null when it uses its own. */
  readonly syntax: string | null;
  /** Why nothing of it may be believed; null when it can be read. */
  readonly unreadable: Unreadable | null;
}

interface Unreadable {
  /** From 1. */
  readonly line: number;
  readonly why: string;
}

// For lines without space at their end: to look for it here takes a long line's square in time.
const SYNTAX = /^\s*(?:#|\/\/)\s*syntax\s*=(.*)$/i;
/** Its own pattern (directives.go): Go's `\s` around `=` is less than the spaces that it skips around `#`. */
const DIRECTIVE = /^[\s\u0085]*#[\s\u0085]*([a-z][a-z0-9]*)[\t\n\f\r ]*=([^]+)$/i;
const ESCAPE = /^[\t\n\f\r ]*([\\`])[\t\n\f\r ]*$/;
const DIRECTIVES = ['syntax', 'escape', 'check'];
const COMMENT = /^\s*(?:#|\/\/|$)/;
/** BuildKit parts words at these too. */
const STRANGE_SPACE = /[^\S\n]|\u0085/g;
/** What bytes become that are no UTF-8, too, and what could not be written as such. A byte order mark is no space to BuildKit, but one to us. */
const NO_TEXT = /[\0\ufffd\p{Surrogate}]|(?!^)\ufeff/u;

/** Go's bufio.Scanner takes no longer line, so neither does BuildKit. */
const MAX_LINE = 64 * 1024 - 1;
const MAX_TEXT = 1024 * 1024;

/**
 * Reads the head of a Dockerfile as BuildKit does (frontend/dockerfile/parser, DetectSyntax): a byte order mark and
 * a `#!` line are passed over, `//` comments and JSON may name a frontend. Any `syntax=` before the first
 * instruction counts, in doubt one more than BuildKit sees.
 */
export function readDockerfileText(text: string): DockerfileText {
  const lines = text
    .slice(0, MAX_TEXT)
    .replace(/^\uFEFF/, '')
    .split('\n')
    .map((line) => line.replace(/\r+$/, ''));
  const plain = lines.map((line) => line.replaceAll(STRANGE_SPACE, ' ').trimEnd());
  const first = plain.findIndex((line) => !COMMENT.test(line));
  const head = first < 0 ? plain : plain.slice(0, first);
  const named = head.flatMap((line) => SYNTAX.exec(line)?.[1]?.trim() ?? []);
  const { escape, unreadable } = readEscape(lines);
  const isJson = first >= 0 && (plain[first] ?? '').trimStart().startsWith('{');
  return {
    lines,
    escape,
    syntax: named[0] ?? (isJson ? 'of a JSON document' : null),
    unreadable: whyUnreadable(text, lines) ?? unreadable,
  };
}

function whyUnreadable(text: string, lines: readonly string[]): Unreadable | null {
  const whole = (why: string): Unreadable => ({ line: 1, why });
  if (text.length > MAX_TEXT) return whole(`it is over ${MAX_TEXT} characters long`);
  if (NO_TEXT.test(text)) return whole('it holds bytes that are no text');
  return lines.some((line) => line.length > MAX_LINE || Buffer.byteLength(line) > MAX_LINE)
    ? whole(`a line of it is over ${MAX_LINE} bytes long`)
    : null;
}

/** Directives end at the first line that is none. Where BuildKit fails on one, the whole text is unreadable. */
function readEscape(lines: readonly string[]): Pick<DockerfileText, 'escape' | 'unreadable'> {
  const seen = new Set<string>();
  let escape: DockerfileText['escape'] = '\\';
  for (const [index, text] of lines.entries()) {
    const [, written = '', value = ''] = DIRECTIVE.exec(text) ?? [];
    const name = written.toLowerCase();
    if (!DIRECTIVES.includes(name)) break;
    const unreadable = (fault: string): ReturnType<typeof readEscape> => ({
      escape,
      unreadable: { line: index + 1, why: `its directive "${name}" ${fault}` },
    });
    if (seen.has(name)) return unreadable('is given twice');
    seen.add(name);
    const found: string | undefined = name === 'escape' ? ESCAPE.exec(value)?.[1] : escape;
    if (found !== '`' && found !== '\\') return unreadable('is neither \\ nor `');
    escape = found;
  }
  return { escape, unreadable: null };
}

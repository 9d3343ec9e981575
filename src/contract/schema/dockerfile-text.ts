/** The text of a Dockerfile as lines, and what BuildKit reads before any instruction. */
export interface DockerfileText {
  /** Without a byte order mark and without what ends a line. */
  readonly lines: readonly string[];
  readonly escape: '\\' | '`';
  /** A frontend that BuildKit would pull and run; null when it uses its own. */
  readonly syntax: string | null;
  /** Why nothing of it may be believed; null when it can be read. */
  readonly unreadable: string | null;
}

// For lines without space at their end: to look for it here takes a long line's square in time.
const SYNTAX = /^\s*(?:#|\/\/)\s*syntax\s*=\s*(\S.*)$/i;
const DIRECTIVE = /^\s*#\s*([a-z][a-z0-9]*)\s*=\s*(\S.*)$/i;
const COMMENT = /^\s*(?:#|\/\/|$)/;
/** BuildKit parts words at these too. */
const STRANGE_SPACE = /[^\S\n]|\u0085/g;
/** What bytes become that are no UTF-8, too. A byte order mark is no space to BuildKit, but one to us. */
const NO_TEXT = /[\0\ufffd]|(?!^)\ufeff/;

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
  const named = head.flatMap((line) => SYNTAX.exec(line)?.[1] ?? []);
  const isJson = first >= 0 && (plain[first] ?? '').trimStart().startsWith('{');
  return {
    lines,
    escape: escapeOf(head),
    syntax: named[0] ?? (isJson ? 'of a JSON document' : null),
    unreadable: whyUnreadable(text, lines),
  };
}

function whyUnreadable(text: string, lines: readonly string[]): string | null {
  if (text.length > MAX_TEXT) return `it is over ${MAX_TEXT} characters long`;
  if (NO_TEXT.test(text)) return 'it holds bytes that are no text';
  return lines.some((line) => line.length > MAX_LINE || Buffer.byteLength(line) > MAX_LINE)
    ? `a line of it is over ${MAX_LINE} bytes long`
    : null;
}

/** Directives end at the first line that is none. */
function escapeOf(head: readonly string[]): '\\' | '`' {
  for (const line of head) {
    const [, name, value] = DIRECTIVE.exec(line) ?? [];
    if (!name || !['syntax', 'escape', 'check'].includes(name.toLowerCase())) break;
    if (name.toLowerCase() === 'escape' && value === '`') return '`';
  }
  return '\\';
}

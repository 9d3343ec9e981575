/** The text of a Dockerfile as our parser can take it, and what BuildKit reads before any instruction. */
export interface DockerfileText {
  /** Without leading comments and directives; `\n` ends a line and a space parts words. */
  readonly body: string;
  readonly escape: '\\' | '`';
  /** A frontend that BuildKit would pull and run; null when it uses its own. */
  readonly syntax: string | null;
}

const SYNTAX = /^\s*(?:#|\/\/)\s*syntax\s*=\s*(\S.*?)\s*$/i;
const DIRECTIVE = /^\s*#\s*([a-z][a-z0-9]*)\s*=\s*(\S.*?)\s*$/i;
const COMMENT = /^\s*(?:#|\/\/|$)/;
/** BuildKit parts words at these too. */
const STRANGE_SPACE = /[^\S\n]|\u0085/g;

/**
 * Reads the head of a Dockerfile as BuildKit does (frontend/dockerfile/parser, DetectSyntax): a byte order mark and
 * a `#!` line are passed over, `//` comments and JSON may name a frontend. Any `syntax=` before the first
 * instruction counts, in doubt one more than BuildKit sees.
 */
export function readDockerfileText(text: string): DockerfileText {
  const clean = text
    .replace(/^\uFEFF/, '')
    .replaceAll('\r\n', '\n')
    .replaceAll(STRANGE_SPACE, ' ');
  const lines = clean.split('\n');
  const first = lines.findIndex((line) => !COMMENT.test(line));
  const head = first < 0 ? lines : lines.slice(0, first);
  const body = first < 0 ? '' : lines.slice(first).join('\n');
  const named = head.flatMap((line) => SYNTAX.exec(line)?.[1] ?? []);
  const syntax = named[0] ?? (body.trimStart().startsWith('{') ? 'of a JSON document' : null);
  return { body, escape: escapeOf(head), syntax };
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

const TAKES_HEREDOC = /^\s*(?:ONBUILD\s+)*(?:ADD|COPY|RUN)\s/i;
const PLAIN_HEREDOC = /(?<=\s)<<(-?)([A-Za-z_]\w*)(?=\s|$)/g;

/**
 * One logical line an instruction: continued lines joined, comments and blanks left out, here-documents dropped.
 * `unclear` are those whose here-documents BuildKit's shell lexer may see otherwise: it goes by words, so quotes,
 * backslashes and digits before `<<` decide.
 */
export function readInstructions({ body, escape }: DockerfileText): {
  readonly instructions: readonly string[];
  readonly unclear: readonly string[];
} {
  const continued = escape === '`' ? /` *$/ : /\\ *$/;
  const instructions: string[] = [];
  const unclear: string[] = [];
  const lines = body.split('\n');
  let next = 0;
  while (next < lines.length) {
    let text = '';
    let more = true;
    for (; more && next < lines.length; next += 1) {
      const line = lines[next] ?? '';
      if (/^\s*(?:#|$)/.test(line)) continue;
      text += line.replace(continued, '');
      more = continued.test(line);
    }
    if (text.trim() === '') continue;
    const heredocs = TAKES_HEREDOC.test(text) ? findHeredocs(text) : [];
    if (heredocs === null) unclear.push(text.trim());
    for (const heredoc of heredocs ?? []) next = afterHeredoc(lines, next, heredoc);
    instructions.push(text.replaceAll('<<', '< <'));
  }
  return { instructions, unclear };
}

interface Heredoc {
  readonly name: string;
  readonly chomp: boolean;
}

/** Null when it is unclear which there are. */
function findHeredocs(text: string): readonly Heredoc[] | null {
  if (!text.includes('<<')) return [];
  const bare = text
    .replaceAll(/(<<-?)(["'])([A-Za-z_]\w*)\2/g, '$1$3')
    .replaceAll(/'[^']*'|"[^"\\]*"|\$\{\w+\}/g, '_');
  const found = [...bare.matchAll(PLAIN_HEREDOC)].map(([, chomp, name = '']) => ({
    name,
    chomp: chomp === '-',
  }));
  const rest = bare.replaceAll(PLAIN_HEREDOC, '');
  const doubtful =
    found.length > 0 ? /["'\\`]|\$\{|(?:^|\s)\d*<<(?!<|\s)/ : /(?:^|[\s"'\\])\d*<<(?!<|\s)/;
  return doubtful.test(rest) ? null : found;
}

function afterHeredoc(lines: readonly string[], from: number, { name, chomp }: Heredoc): number {
  let next = from;
  while (next < lines.length) {
    const line = lines[next] ?? '';
    next += 1;
    // Tabs, which are spaces by now.
    if ((chomp ? line.trimStart() : line) === name) break;
  }
  return next;
}

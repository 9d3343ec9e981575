export function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

const LONGEST_REST = '- and 9999999 more'.length + 1;

/** As many lines as `length` characters hold, each with its line break; then how many were left out. */
export function fitLines(lines: readonly string[], length: number): readonly string[] {
  const fitting: string[] = [];
  let left = length - LONGEST_REST;
  for (const line of lines) {
    left -= line.length + 1;
    if (left < 0) return [...fitting, `- and ${lines.length - fitting.length} more`];
    fitting.push(line);
  }
  return fitting;
}

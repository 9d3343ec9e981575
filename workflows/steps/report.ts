/** Lines kept of what was found, and of errors. */
const MAX_LINES = 20;

export function firstLines(lines: readonly string[]): readonly string[] {
  return lines.slice(0, MAX_LINES).map((line) => line.slice(0, 400));
}

/** Markdown: a title with a line each; nothing for none. */
export function bullets(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`**${title}**`, lines.map((line) => `- ${line}`).join('\n')];
}

/** Markdown: a table of one row. */
export function countsTable(counts: Readonly<Record<string, number>>): string {
  const columns = Object.entries(counts);
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    row(columns.map(([name]) => name)),
    row(columns.map(() => '--:')),
    row(columns.map(([, value]) => String(value))),
  ].join('\n');
}

/** Each count with what came to it. */
export function addCounts<Counts extends Readonly<Record<keyof Counts, number>>>(
  counts: Counts,
  more: Partial<Counts>,
): Counts {
  const names = Object.keys(more) as (keyof Counts)[];
  const added = names.map((name) => [name, counts[name] + (more[name] ?? 0)]);
  return { ...counts, ...(Object.fromEntries(added) as Partial<Counts>) };
}

import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ClientBase } from 'pg';
import { from } from 'pg-copy-streams';

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};
/** Written at once. */
const BATCH = 500;

/** A row in COPY's text format (PostgreSQL manual, "COPY", File Formats), with its line end. */
export function copyLine(values: readonly (string | number | null)[]): string {
  const fields = values.map((value) =>
    value === null ? '\\N' : String(value).replace(/[\\\n\r\t]/g, (found) => ESCAPES[found] ?? ''),
  );
  return `${fields.join('\t')}\n`;
}

function* batches(lines: Iterable<string>): Generator<string> {
  let batch: string[] = [];
  for (const line of lines) {
    batch.push(line);
    if (batch.length < BATCH) continue;
    yield batch.join('');
    batch = [];
  }
  if (batch.length > 0) yield batch.join('');
}

export async function copyIn(
  client: ClientBase,
  text: string,
  lines: Iterable<string>,
): Promise<void> {
  await pipeline(Readable.from(batches(lines)), client.query(from(text)));
}

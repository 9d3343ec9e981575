import { AuditLine } from '../../contract/schema/audit-line';
import type { AuditEntry } from '../../ports/ledger';

export interface WaitingEntry {
  readonly key: string;
  readonly entry: AuditEntry;
}

export interface AuditLines {
  /** In order. */
  readonly entries: readonly WaitingEntry[];
  /** Numbers, from 1, of whole lines that are no audit entries. */
  readonly unreadable: readonly number[];
  /** What comes after the last whole line: begun and never said to be written, since an entry is that with its line's end alone. */
  readonly torn: Buffer;
}

function parseLine(text: string): WaitingEntry | null {
  try {
    return AuditLine.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** Empty lines are nothing. */
export function readAuditLines(content: Buffer): AuditLines {
  const wholeBytes = content.lastIndexOf('\n') + 1;
  const lines = content
    .toString('utf8', 0, wholeBytes)
    .split('\n')
    .map((text, index) => ({ text, number: index + 1 }))
    .filter(({ text }) => text !== '')
    .map(({ text, number }) => ({ number, entry: parseLine(text) }));
  return {
    entries: lines.map(({ entry }) => entry).filter((entry) => entry !== null),
    unreadable: lines.filter(({ entry }) => entry === null).map(({ number }) => number),
    torn: content.subarray(wholeBytes),
  };
}

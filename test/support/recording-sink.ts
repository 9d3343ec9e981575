import type { InventoryGap, InventorySink } from '../../src/domain/gc/inventory';

/** A line a row, so that two inventories compare whatever order they came in. */
export interface RecordingSink extends InventorySink {
  readonly gaps: InventoryGap[];
  lines(): readonly string[];
}

export function recordingSink(): RecordingSink {
  const lines: string[] = [];
  const gaps: InventoryGap[] = [];
  const add =
    (kind: string) =>
    (row: object): void => {
      const fields = Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1));
      lines.push(`${kind} ${JSON.stringify(Object.fromEntries(fields))}`);
    };
  return {
    manifest: add('manifest'),
    edge: add('edge'),
    tag: add('tag'),
    blob: add('blob'),
    unknown: (gap) => {
      gaps.push(gap);
    },
    gaps,
    lines: () => [...new Set(lines)].sort(),
  };
}

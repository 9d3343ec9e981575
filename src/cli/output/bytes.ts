const UNITS = ['kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** Decimal, as storage is sold: 1 GB is 10^9 bytes. `-` when it is not known. */
export function formatBytes(bytes: number | null): string {
  if (bytes === null) return '-';
  if (bytes < 1000) return `${bytes} B`;
  let value = bytes;
  let unit: string = 'B';
  for (const next of UNITS) {
    if (value < 999.5) break;
    value /= 1000;
    unit = next;
  }
  return `${value.toFixed(value < 10 ? 2 : 1)} ${unit}`;
}

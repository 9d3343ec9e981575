type Value = number | null;

export interface Scale {
  readonly low: number;
  readonly high: number;
}

const BLOCKS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/** Of the same number, each a little darker than the one before it. */
const ASCII = ['_', '.', ':', '-', '=', '+', '*', '#'];

function finite(values: readonly Value[]): readonly number[] {
  return values.filter((value): value is number => value !== null && Number.isFinite(value));
}

/** One scale for lines that are to be compared; null when there is nothing to draw. */
export function scaleOf(...lines: readonly (readonly Value[])[]): Scale | null {
  const numbers = lines.flatMap((line) => finite(line));
  const [first] = numbers;
  if (first === undefined) return null;
  return numbers.reduce<Scale>(
    ({ low, high }, value) => ({ low: Math.min(low, value), high: Math.max(high, value) }),
    { low: first, high: first },
  );
}

/** At most `width` characters, each the mean of its part. A gap is a space; NaN or an infinity alone is `?`. */
export function sparkline(
  values: readonly Value[],
  scale: Scale,
  { width, unicode }: { readonly width: number; readonly unicode: boolean },
): string {
  const marks = unicode ? BLOCKS : ASCII;
  const columns = Math.min(width, values.length);
  const columnAt = (column: number): number => Math.floor((column * values.length) / columns);
  return Array.from({ length: columns }, (_, column) => {
    const part = values.slice(columnAt(column), columnAt(column + 1));
    const numbers = finite(part);
    if (numbers.length === 0) return part.some((value) => value !== null) ? '?' : ' ';
    const mean = numbers.reduce((sum, value) => sum + value / numbers.length, 0);
    const height = scale.high > scale.low ? (mean - scale.low) / (scale.high - scale.low) : 0;
    return marks[Math.min(marks.length - 1, Math.floor(height * marks.length))] ?? ' ';
  }).join('');
}

/** A bar of `share`, 0 to 1, of `width`; what is not nothing is seen. */
export function bar(
  share: number,
  { width, unicode }: { readonly width: number; readonly unicode: boolean },
): string {
  const length = share > 0 ? Math.max(1, Math.round(Math.min(1, share) * width)) : 0;
  return (unicode ? '█' : '#').repeat(length);
}

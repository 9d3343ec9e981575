const LINE = /^(CVE-\d{4}-\d{4,19}),(\d(?:\.\d+)?(?:e-\d{1,3})?),/;
const DATE = /score_date:([0-9T:+Z-]{10,32})/;
const MAX_LINES = 2_000_000;

interface EpssScores {
  /** RFC 3339. */
  readonly updatedAt: string;
  readonly scores: ReadonlyMap<string, number>;
}

function readDate(line: string): string {
  const [, text = ''] = DATE.exec(line) ?? [];
  // `+0000`, as FIRST writes it, is no RFC 3339.
  const ms = Date.parse(text.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
  if (Number.isNaN(ms)) throw new Error('its first line has no score_date');
  return new Date(ms).toISOString();
}

/**
 * FIRST, EPSS data: a comment with the date, a header, then `cve,epss,percentile`.
 *
 * @throws Error when it is something else, or a line can't be read: a list that is read in part would let pass what is on the rest
 */
export function parseEpss(text: string): EpssScores {
  const lines = text.split(/\r?\n/);
  const [comment = '', header = '', ...rows] = lines;
  const updatedAt = readDate(comment);
  if (!header.startsWith('cve,epss')) throw new Error('its second line is not "cve,epss,…"');
  if (rows.length > MAX_LINES) throw new Error(`it has more than ${MAX_LINES} lines`);
  const scores = new Map<string, number>();
  for (const [index, row] of rows.entries()) {
    if (row === '') continue;
    const [, cve = '', score = ''] = LINE.exec(row) ?? [];
    const value = Number(score);
    if (cve === '' || !(value >= 0 && value <= 1)) {
      throw new Error(`line ${index + 3} is not "cve,epss,percentile"`);
    }
    scores.set(cve, value);
  }
  if (scores.size === 0) throw new Error('it holds no scores');
  return { updatedAt, scores };
}

const MAX_KEPT = 1024;

/** Times as RFC 3339. What was pushed together has one time, and to write it takes longer than all else about an item of a plan. */
export class TimeTexts {
  private readonly kept = new Map<number, string>();

  /** Null when it is not known. */
  of(ms: number): string | null {
    if (Number.isNaN(ms)) return null;
    const known = this.kept.get(ms);
    if (known !== undefined) return known;
    const text = new Date(ms).toISOString();
    if (this.kept.size >= MAX_KEPT) this.kept.clear();
    this.kept.set(ms, text);
    return text;
  }
}

/** What the webhook has done since it started. */
export interface ReviewCounts {
  readonly admitted: number;
  readonly denied: number;
  /** Could not be found out. */
  readonly unknown: number;
  /** Answers of both caches. */
  readonly hits: number;
  readonly misses: number;
}

function sumOf(metrics: string, name: string, label: string): number {
  const lines = metrics
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) && line.includes(label));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}

export async function readReviewCounts(operations: string): Promise<ReviewCounts> {
  const metrics = await (await fetch(`${operations}/metrics`)).text();
  const reviews = (verdict: string): number =>
    sumOf(metrics, 'plura_admission_reviews_total', `verdict="${verdict}"`);
  const answers = (outcome: string): number =>
    sumOf(metrics, 'plura_admission_cache_total', `outcome="${outcome}"`);
  return {
    admitted: reviews('admitted'),
    denied: reviews('denied'),
    unknown: reviews('unknown'),
    hits: answers('hit'),
    misses: answers('miss'),
  };
}

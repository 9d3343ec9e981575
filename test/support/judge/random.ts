/** Numbers that look random and are the same on every run. */
export interface Random {
  /** From 0 (included) to 1 (not). */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
}

/** Mulberry32, and Box and Muller's transform. */
export function seededRandom(seed: number): Random {
  let state = seed | 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  return {
    uniform,
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
  };
}

/** How many of `trials` come out, each with chance `ratio`: by the gaps between them. */
export function binomial(random: Random, trials: number, ratio: number): number {
  if (ratio <= 0) return 0;
  if (ratio >= 1) return trials;
  const logMiss = Math.log(1 - ratio);
  let hits = 0;
  let at = Math.floor(Math.log(1 - random.uniform()) / logMiss);
  while (at < trials) {
    hits += 1;
    at += 1 + Math.floor(Math.log(1 - random.uniform()) / logMiss);
  }
  return hits;
}

const BLOCK = 100;
/** Coprime to the block, so that multiplying by one permutes it. */
const STEPS: readonly number[] = Array.from({ length: BLOCK }, (_, n) => n).filter(
  (n) => n % 2 !== 0 && n % 5 !== 0,
);

/**
 * Whether request number `sequence` goes to the candidate. Of every aligned block of 100 requests exactly `percent`
 * do, so 5 % is 5 of 100 and not a matter of luck; each block is permuted anew, so that traffic with a rhythm of its
 * own (every 20th request is a checkout) isn't split along it.
 */
export function takesCandidate(sequence: number, percent: number, seed: number): boolean {
  const block = Math.floor(sequence / BLOCK);
  const noise = mix(seed ^ mix(block));
  const step = STEPS[noise % STEPS.length] ?? 1;
  const shift = Math.floor(noise / STEPS.length) % BLOCK;
  return ((sequence % BLOCK) * step + shift) % BLOCK < percent;
}

/** Spreads 32 bits (the finaliser of MurmurHash3); not for secrets. */
function mix(value: number): number {
  let bits = value >>> 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

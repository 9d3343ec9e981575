/** Says how long to wait, in ms, before the next start, so that there are at most `perSecond` of them. */
export function createPace(perSecond: number): (nowMs: number) => number {
  const gapMs = 1000 / perSecond;
  let next = 0;
  return (nowMs) => {
    const at = Math.max(nowMs, next);
    next = at + gapMs;
    return at - nowMs;
  };
}

/** Below, equal or above zero, as `a` is to `b`; text by its code units. */
export function sign<T extends bigint | number | string>(a: T, b: T): number {
  return a < b ? -1 : Number(a > b);
}

/**
 * Foreign errors are read by their shape: Node's own may come from another realm (under Jest they do),
 * where `instanceof Error` is false.
 */
function read(error: unknown, name: 'message' | 'name' | 'code' | 'cause'): unknown {
  return typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined;
}

/** Whether this is a system error such as `ENOENT`. */
export function hasErrorCode(error: unknown, code: string): boolean {
  return read(error, 'code') === code;
}

/** One line on why a call failed. `fetch` says only "fetch failed": why is in its cause. */
export function failureReason(error: unknown): string {
  const cause = read(error, 'cause');
  const inner = read(cause, 'message') === undefined ? error : cause;
  const texts = [read(inner, 'message'), read(inner, 'code'), read(inner, 'name')];
  const text = texts.find((one) => typeof one === 'string' && one !== '');
  return typeof text === 'string' ? text : String(error);
}

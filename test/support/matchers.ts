/** `expect.stringContaining`, which is typed `any`, as something that may stand in an object. */
export function containing(text: string): unknown {
  return expect.stringContaining(text);
}

/** Go's unicode.IsSpace. JavaScript's `\s` has no U+0085, and has U+FEFF, which is refused before. */
const SPACE = /[\s\u0085]/;

export function isSpace(char: string): boolean {
  return SPACE.test(char);
}

/** Go's strings.TrimSpace; a pattern would take a long line's square in time. */
export function trimSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charAt(start))) start += 1;
  while (start < end && isSpace(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

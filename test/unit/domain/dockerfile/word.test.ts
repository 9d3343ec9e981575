import { expandWord, type VariableValue } from '../../../../src/domain/dockerfile/word';

const VALUES: Readonly<Record<string, VariableValue>> = {
  A: 'bases/go',
  EMPTY: '',
  SPACED: 'a b',
  TARGETARCH: { unknown: true },
};
const lookUp = (name: string): VariableValue => VALUES[name] ?? null;

function expand(word: string, escape: '\\' | '`' = '\\'): string {
  const found = expandWord(word, { escape, lookUp });
  return found.ok ? found.text : `fault: ${found.reason}`;
}

describe('expandWord', () => {
  it.each([
    ['plain', 'plain'],
    ['$A', 'bases/go'],
    ['${A}:1', 'bases/go:1'],
    ['x$A.y', 'xbases/go.y'],
    ['$NONE', ''],
    ['${NONE}x', 'x'],
    ['${NONE:-y}', 'y'],
    ['${NONE-y}', 'y'],
    ['${EMPTY:-y}', 'y'],
    ['${EMPTY-y}', ''],
    ['${A:+y}', 'y'],
    ['${A+y}', 'y'],
    ['${EMPTY:+y}', ''],
    ['${EMPTY+y}', 'y'],
    ['${NONE+y}', ''],
    ['${A:?no}', 'bases/go'],
    ['${NONE:-${A}}', 'bases/go'],
    ['${NONE:-"a}b"}', 'a}b'],
    ['"$A"', 'bases/go'],
    ["'$A'", '$A'],
    ['\\$A', '$A'],
    ['"\\$A"', '$A'],
    ['"a\\b"', 'a\\b'],
    ['b"as"e\\s', 'bases'],
    ['a\\', 'a'],
    ['$', '$'],
    ['a$/b', 'a$/b'],
    ['$1x', 'x'],
    ['$@x', 'x'],
    ['a<b<<c', 'a<b<<c'],
  ])('of %j makes %j', (word, expected) => {
    expect(expand(word)).toBe(expected);
  });

  it('goes by the escape character of the file', () => {
    expect(expand('`$A\\', '`')).toBe('$A\\');
    expect(expand('"`$A"', '`')).toBe('$A');
  });

  it.each([
    '${',
    '${A',
    '${}',
    '${:A}',
    '${A:}',
    '${A=x}',
    '${A:#x}',
    '${A#x}',
    '${A%x}',
    '${A/x/y}',
    '${NONE?}',
    '${NONE:?gone}',
    '${EMPTY:?}',
    '"open',
    "'open",
    '${A!}',
    '${NONE:-'.repeat(100),
    '$A'.repeat(1000),
    '$A\u00e9',
    '$\u00e9',
    '${\u{10d4a}}',
    '${A\u0661:-x}',
    '$1\u0661',
  ])('finds fault with %j', (word) => {
    expect(expand(word)).toMatch(/^fault: /);
  });

  it('tells what only the builder knows from what nobody could read', () => {
    const rules = { escape: '\\', lookUp } as const;

    expect(expandWord('${TARGETARCH:-x}', rules)).toMatchObject({ cause: 'unknown' });
    expect(expandWord('"open', rules)).toMatchObject({ cause: 'syntax' });
  });

  it.each([
    ['depth', '${NONE:-'.repeat(21)],
    ['length', '$A'.repeat(1000)],
    ['letters in braces', '${A\u00e9}'],
    ['letters without', '$\u{10d4a}'],
  ])('tells its own limits from what BuildKit fails on as well: %s', (_name, word) => {
    expect(expandWord(word, { escape: '\\', lookUp })).toMatchObject({ cause: 'limit' });
  });

  it('parts words as a shell does', () => {
    const found = expandWord(`a "b c" $SPACED 'd'e\\ f  "" << g`, { escape: '\\', lookUp });

    expect(found).toMatchObject({ words: ['a', 'b c', 'a', 'b', 'de f', '<< g'] });
  });

  it('leaves quotes, escapes and unset variables where it is asked to', () => {
    const found = expandWord(`"a" \\b $NONE \${NONE%x} \${NONE/y/z}`, {
      escape: '\\',
      lookUp: () => null,
      keepUnset: true,
      rawQuotes: true,
      rawEscapes: true,
    });

    expect(found).toMatchObject({ text: `"a" \\b $NONE \${NONE%x} \${NONE/y/z}` });
  });
});

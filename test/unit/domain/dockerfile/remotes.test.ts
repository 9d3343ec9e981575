import { isBelow, refuseRemotes } from '../../../../src/domain/dockerfile/remotes';

const checksum = `sha256:${'a'.repeat(64)}`;
const allowed = ['https://files.test/pub/'];

function judge(url: string | null, given: string | null = checksum): readonly string[] {
  const source = { url, text: url ?? '$X', checksum: given, line: 3 };
  return refuseRemotes([source], allowed).map(({ message }) => message);
}

describe('refuseRemotes', () => {
  it('takes what is below an allowed prefix and pinned', () => {
    expect(judge('https://files.test/pub/a.tgz')).toEqual([]);
    expect(judge('https://files.test/pub/a.git', 'a'.repeat(40))).toEqual([]);
  });

  it.each([
    'https://evil.test/pub/a.tgz',
    'https://files.test/public/a.tgz',
    'http://files.test/pub/a.tgz',
    'https://files.test/pub/../secret',
    'https://files.test/pub/%2e%2e/secret',
    'https://files.test/pub/..',
    'https://evil.test\\@files.test/pub/a',
    'git@files.test:pub/a',
  ])('refuses %s', (url) => {
    expect(judge(url)).toEqual([expect.stringMatching(/no policy allows that/)]);
  });

  it.each([null, '$SUM', 'sha256:aa', 'main'])('refuses the checksum %j', (given) => {
    expect(judge('https://files.test/pub/a.tgz', given)).toEqual([
      expect.stringMatching(/not pinned/),
    ]);
  });

  it('refuses what variables may turn into an address', () => {
    expect(judge(null)).toEqual([expect.stringMatching(/variables decide/)]);
  });
});

test('a prefix ends at a slash', () => {
  expect(isBelow('https://a.test/b/c', ['https://a.test/b'])).toBe(true);
  expect(isBelow('https://a.test/bc', ['https://a.test/b'])).toBe(false);
  expect(isBelow('https://a.test/b', [])).toBe(false);
});

import fc from 'fast-check';
import { globPattern, matchesGlob } from '../../../../src/domain/admission/glob';

describe('a glob', () => {
  it.each([
    ['team-*', 'team-', true],
    ['team-*', 'team', false],
    ['*-prod', 'shop-prod', true],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['*ab*ab', 'ab', false],
    ['*/.env', '/.env', true],
    ['*/.env', '/app/xenv', false],
    ['', '', true],
    ['*', '', true],
    ['a', 'ab', false],
    ['a*', 'a', true],
    ['a*b*c', 'axbxc', true],
    ['a*b*c', 'acb', false],
    ['*ab*ab', 'xabab', true],
    ['a**b', 'ab', true],
  ])('%s fits %s: %s', (glob, text, expected) => {
    expect(matchesGlob(glob, text)).toBe(expected);
  });

  it('without a star is that text alone, whatever its characters', () => {
    const starless = fc.string().filter((text) => !text.includes('*'));
    fc.assert(
      fc.property(starless, fc.string(), (glob, text) => {
        expect(matchesGlob(glob, glob)).toBe(true);
        expect(matchesGlob(glob, text)).toBe(glob === text);
      }),
    );
  });

  it('says the same as the regular expression that the API server gets', () => {
    const few = (...units: readonly string[]): fc.Arbitrary<string> =>
      fc.string({ unit: fc.constantFrom(...units), maxLength: 8 });
    fc.assert(
      fc.property(few('a', 'b', '.', '*'), few('a', 'b', '.'), (glob, text) => {
        expect(matchesGlob(glob, text)).toBe(new RegExp(globPattern(glob)).test(text));
      }),
      { numRuns: 2000 },
    );
  });
});

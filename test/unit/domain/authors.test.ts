import { commitAuthors, findAuthor, personOf, type AuthorMatch } from '../../../src/domain/authors';
import type { Json } from '../../../src/domain/verdict';

const LABEL = 'plura.commit_author';
const AUTHORS = 'org.opencontainers.image.authors';

function provenance(args: Record<string, string>, vcs: Record<string, string> = {}): Json {
  return {
    buildDefinition: { externalParameters: { request: { args } } },
    runDetails: { metadata: { buildkit_metadata: { vcs } } },
  };
}

describe('commitAuthors', () => {
  it.each<[string, Record<string, string>, Json | null, string]>([
    [
      'vcs:author of the provenance',
      {},
      provenance({}, { author: 'Rita' }),
      'provenance vcs:author',
    ],
    [
      'vcs:author among its parameters',
      {},
      provenance({ 'vcs:author': 'Rita' }),
      'provenance vcs:author',
    ],
    [
      'a label of the build',
      {},
      provenance({ [`label:${LABEL}`]: 'Rita' }),
      `provenance label ${LABEL}`,
    ],
    ['the label of the image', { [LABEL]: 'Rita' }, null, `label ${LABEL}`],
  ])('are known by %s', (_name, labels, predicate, from) => {
    expect(commitAuthors(labels, predicate)).toEqual({
      authors: [{ who: 'Rita', from }],
      known: true,
    });
  });

  const TEAM = 'Platform Team <platform@example.com>';
  it.each<[string, Record<string, string>, Json, string]>([
    ['the image, perhaps of its base', { [AUTHORS]: TEAM }, provenance({}), `label ${AUTHORS}`],
    [
      'the build, as CI sets it to a team',
      { [AUTHORS]: TEAM },
      provenance({ [`label:${AUTHORS}`]: TEAM }),
      `provenance label ${AUTHORS}`,
    ],
  ])(
    'are not known by the standard label of %s, but may not approve',
    (_of, labels, predicate, from) => {
      const authors = commitAuthors(labels, predicate);

      expect(authors).toEqual({ authors: [{ who: TEAM, from }], known: false });
      expect(findAuthor(authors, 'platform@example.com')).toEqual({ who: TEAM, from });
    },
  );

  it('are known by the commit author though a team stands beside', () => {
    const predicate = provenance({ [`label:${AUTHORS}`]: TEAM, 'vcs:author': 'Rita' });

    expect(commitAuthors({}, predicate)).toEqual({
      authors: [
        { who: 'Rita', from: 'provenance vcs:author' },
        { who: TEAM, from: `provenance label ${AUTHORS}` },
      ],
      known: true,
    });
  });

  it('are several where several stand there, each once and where it stands first', () => {
    const labels = { [LABEL]: 'rita@example.com; Adam\nAnna', [AUTHORS]: 'Adam, Olga' };

    expect(commitAuthors(labels, null).authors).toEqual([
      { who: 'rita@example.com', from: `label ${LABEL}` },
      { who: 'Adam', from: `label ${LABEL}` },
      { who: 'Anna', from: `label ${LABEL}` },
      { who: 'Olga', from: `label ${AUTHORS}` },
    ]);
  });

  it.each<[string, Json | null]>([
    ['no provenance', null],
    ['odd provenance', [1, 'x']],
    ['an author that is no text', provenance({}, { author: 7 as unknown as string })],
    ['empty text', provenance({ 'vcs:author': ' , ' })],
  ])('are none with %s', (_name, predicate) => {
    expect(commitAuthors({}, predicate)).toEqual({ authors: [], known: false });
  });

  it('are bounded', () => {
    const many = Array.from({ length: 500 }, (_, index) => `a${index}`).join(',');

    expect(commitAuthors({ [LABEL]: many }, null).authors).toHaveLength(20);
  });
});

describe('findAuthor', () => {
  const find = (subject: string, who: string, matches?: readonly AuthorMatch[]): boolean =>
    findAuthor({ authors: [{ who, from: 'x' }], known: true }, subject, matches) !== null;

  it.each([
    ['rita@example.com', 'Rita <Rita@Example.com>', true],
    ['RITA', 'rita', true],
    ['rita smith', 'Rita Smith <r.smith@example.com>', true],
    ['rita', 'Rita Smith <rita@example.com>', false],
    ['rita@other.com', 'rita@example.com', false],
    ['adam', 'Rita <rita@example.com>', false],
  ])('takes %s for %s by subject: %s', (subject, who, expected) => {
    expect(find(subject, who, ['subject'])).toBe(expected);
  });

  it.each([
    ['rita', 'Rita Smith <rita@example.com>', true],
    ['Rita@Corp.example', 'rita@example.com', true],
    ['rita', 'rita+git@example.com', true],
    ['rita', '1234+Rita@users.noreply.github.com', true],
    ['rita@corp.example', 'Rita', true],
    ['1234', '1234+rita@users.noreply.github.com', false],
    ['ritas', 'rita@example.com', false],
    ['', '<>', false],
  ])('takes %s for %s by local part: %s', (subject, who, expected) => {
    expect(find(subject, who, ['localPart'])).toBe(expected);
  });

  it('compares both ways without a choice', () => {
    expect(find('rita', 'Rita Smith <rita@example.com>')).toBe(true);
    expect(find('rita smith', 'Rita Smith <r@example.com>')).toBe(true);
  });

  it('says which entry it was', () => {
    const authors = commitAuthors({ [LABEL]: 'Adam, rita@example.com' }, null);

    expect(findAuthor(authors, 'rita')).toEqual({
      who: 'rita@example.com',
      from: `label ${LABEL}`,
    });
  });
});

describe('personOf', () => {
  it.each<[string, string, readonly AuthorMatch[] | undefined, boolean]>([
    ['Ana@x.example', 'ana@X.example', ['subject'], true],
    ['ana@x.example', 'ana@y.example', ['subject'], false],
    ['ana@x.example', 'ANA', ['subject'], false],
    ['ana@x.example', 'ANA', ['localPart'], true],
    ['ana@x.example', 'ana+ci@y.example', undefined, true],
    ['+a@x.example', '+b@x.example', undefined, false],
    ['ana', 'anna', undefined, false],
  ])('takes %s and %s by %s for one: %s', (one, two, matches, expected) => {
    expect(personOf(one, matches) === personOf(two, matches)).toBe(expected);
  });
});

import { parseDockerfile } from '../../../../src/contract/schema/dockerfile';

const froms = (text: string): readonly string[] =>
  parseDockerfile(text).stages.map(({ from }) => from);
const copied = (text: string): readonly string[] =>
  parseDockerfile(text).stages.flatMap(({ copiesFrom }) => copiesFrom.map(({ name }) => name));
const whys = (text: string): readonly string[] =>
  parseDockerfile(text).unclear.map(({ line, why }) => `${line}: ${why}`);

describe('parseDockerfile', () => {
  it('reads stages with image, name, last user, what they copy from, and where it stands', () => {
    const facts = parseDockerfile(`# a comment
ARG VERSION=1 KIND
FROM --platform=linux/amd64 bases/go:1.26 AS Build
USER root
RUN --mount=type=cache,target=/c --mount=type=bind,from=tools/image,source=/x,target=/x ["go"]
USER build
FROM host:5000/bases/static@sha256:aa
ARG LATE=1
COPY --chown=1:1 \\
  --from=Build /out /out
COPY --from=1 /a /a
ONBUILD COPY --from=late/image /b /b
USER 65532:65532
`);

    expect(facts).toEqual({
      escape: '\\',
      syntax: null,
      unclear: [],
      remotes: [],
      arguments: [
        { name: 'VERSION', value: '1', line: 2 },
        { name: 'KIND', value: null, line: 2 },
      ],
      stages: [
        {
          from: 'bases/go:1.26',
          line: 3,
          name: 'build',
          user: 'build',
          copiesFrom: [{ name: 'tools/image', line: 5, kind: 'mount' }],
        },
        {
          from: 'host:5000/bases/static@sha256:aa',
          line: 7,
          name: null,
          user: '65532:65532',
          copiesFrom: [
            { name: 'Build', line: 9, kind: 'copy' },
            { name: '1', line: 11, kind: 'copy' },
            { name: 'late/image', line: 12, kind: 'copy' },
          ],
        },
      ],
    });
  });

  it.each([
    ['# syntax=docker/dockerfile:1\nFROM a\n', 'docker/dockerfile:1'],
    ['# escape=`\n# Syntax = evil/frontend\nFROM a\n', 'evil/frontend'],
    ['# check=skip=all\n#syntax=evil/frontend\nFROM a\n', 'evil/frontend'],
    ['#\u0085syntax=evil/frontend\nFROM a\n', 'evil/frontend'],
    ['// syntax=evil/frontend\nFROM a\n', 'evil/frontend'],
    ['# syntax= \nFROM a\n', ''],
    ['{"syntax":"evil/frontend"}', 'of a JSON document'],
    ['\n\n {"syntax":"evil/frontend"}', 'of a JSON document'],
    ['#!/usr/bin/env x\n# syntax=evil/frontend\nFROM a\n', 'evil/frontend'],
    ['\ufeff#!/usr/bin/env x\r\n//syntax=evil/frontend\r\nFROM a\r\n', 'evil/frontend'],
    ['#!/usr/bin/env x\n{"syntax":"evil/frontend"}', 'of a JSON document'],
    ['FROM a\n# syntax=not/a-directive\n', null],
  ])('finds the frontend of %j', (text, syntax) => {
    expect(parseDockerfile(text).syntax).toBe(syntax);
  });

  it.each(['\u00a0', '\u0085', '\u2028', '\u3000', '\v', '\f'])(
    'parts the words of ARG at %j',
    (space) => {
      const { arguments: words } = parseDockerfile(
        `ARG A=x${space}B="y${space}z"${space}C\nFROM a\n`,
      );

      expect(words).toEqual([
        { name: 'A', value: 'x', line: 1 },
        { name: 'B', value: `"y${space}z"`, line: 1 },
        { name: 'C', value: null, line: 1 },
      ]);
    },
  );

  it('keeps a variable in FROM as it stands', () => {
    expect(froms('ARG BASE=a\nFROM ${BASE}\n')).toEqual(['${BASE}']);
  });

  it.each([
    ['a flag cut by a line continuation', 'FROM a\nCOPY --fr\\\n# note\n\nom=evil / /\n'],
    ['a quoted flag', 'FROM a\nCOPY --"from"=evil / /\n'],
    ['an escaped flag', 'FROM a\nCOPY --f\\rom=e\\vil / /\n'],
    ['a mount in capitals', 'FROM a\nRUN --mount=type=bind,FROM=evil,target=/x true\n'],
    ['a flag after a quoted space', 'FROM a\nCOPY --chown="a b" --from=evil / /\n'],
    ['a trigger', 'FROM a\nONBUILD RUN --mount=from=evil,target=/x true\n'],
  ])('finds the image of %s', (_name, text) => {
    expect(copied(text)).toEqual(['evil']);
  });

  it.each([
    ['RUN echo --from=evil'],
    ['COPY ["--from=evil", "/"]'],
    ['COPY x --from=evil /'],
    ['COPY -- --from=evil /'],
    ['RUN --network=none echo --mount=from=evil'],
  ])('sees no image in %j', (line) => {
    expect(copied(`FROM a\n${line}\n`)).toEqual([]);
  });
});

describe('lines of a Dockerfile', () => {
  it.each([
    ['spaces that only BuildKit knows', '\u00a0FROM\u000bevil\n'],
    ['an escape directive that is none', '# foo bar=x\n# escape=`\nFROM a\nRUN x `\nFROM evil\n'],
    ['an escape directive after a blank line', '\n# escape=`\nFROM a\nRUN x `\nFROM evil\n'],
    ['a lone carriage return', 'FROM a\nRUN x \\\r\nFROM b\rFROM c\nFROM evil\n'],
    ['an escaped escape at the end of a line', 'FROM a\nRUN x \\\\\nFROM evil\n'],
    ['a line of nothing but an escape', 'FROM a\n\\\nFROM evil\n'],
    [
      'an escape directive with a space that Go has not',
      '# escape\u00a0=`\nLABEL a=`\nFROM evil\n',
    ],
    ['an escape directive with a vertical tab', '# escape\v=`\nLABEL a=`\nFROM evil\n'],
    [
      'an escape directive after a line separator',
      '# check=x\u2028\n# escape=`\nRUN x\\\nFROM evil\n',
    ],
    ['an escape directive after one of a space', '# check= \n# escape=`\nRUN x\\\nFROM evil\n'],
    ['a form feed, which Go has', '# escape\f=\f`\nRUN x\\\nFROM evil\n'],
    ['a next line sign at the end of a list', 'FROM a\nRUN ["x"]\u0085\nFROM evil\u0085\n'],
    ['a next line sign before an instruction', 'FROM a\n\\\n\u0085FROM evil\n'],
    ['an empty list and a here-document that is none', 'FROM a\nRUN [] \nFROM evil\n'],
  ])('are not led astray by %s', (_name, text) => {
    expect(froms(text).at(-1)).toBe('evil');
  });

  it('go by the escape directive', () => {
    const text = '# escape=`\nFROM a\nRUN dir C:\\\nCOPY `\n --from=evil / /\nFROM b\n';

    expect(froms(text)).toEqual(['a', 'b']);
    expect(copied(text)).toEqual(['evil']);
  });

  it.each([
    'RUN cat <<EOF\nFROM x\nEOF\n',
    'RUN cat << EOF\nFROM x\nEOF\n',
    'RUN cat <<EOF;\nFROM x\nEOF;\n',
    'RUN cat 1<<EOF\nFROM x\nEOF\n',
    'RUN cat <<$X\nFROM x\n$X\n',
    `RUN python3 - "a b" 'c\\n' <<-"EOF" > /x\nfrom os import path\n\tEOF\n`,
    'COPY <<one <<two /x/\nFROM x\none\nUSER 0\ntwo\n',
    'COPY <<"A" <<B /x/\nFROM x\nA\nFROM y\nB\n',
    'RUN cat \\\n  <<EOF\nFROM x\nEOF\n',
    'RUN cat <<EOF\r\nFROM x\r\nEOF\r\n',
  ])('read over the here-documents of %j', (text) => {
    expect(froms(`FROM a\n${text}FROM b\n`)).toEqual(['a', 'b']);
    expect(whys(`FROM a\n${text}FROM b\n`)).toEqual([]);
  });

  it.each([
    'RUN ["x", "a <<EOF"]',
    'RUN echo " <<EOF "',
    'RUN echo "a <<EOF',
    'RUN echo \\<<EOF',
    'RUN cat <<< word',
    'RUN echo $((1<<2))',
    'RUN cat <<- EOF',
    'LABEL a=<<EOF',
    'CMD cat <<EOF',
  ])('hold no here-document in %j', (line) => {
    expect(froms(`FROM a\n${line}\nFROM evil\n`)).toEqual(['a', 'evil']);
  });

  it.each([
    ['FROM a\nRUN cat <<EOF\nFROM b\n', '2: it is unclear where its here-document ends'],
    ['FROM a\nRUN cat <<EO"F\nFROM b\nEOF\n', '4: it is no instruction that is known'],
    ['FROM a b\n', '1: FROM takes an image, or an image AS a name'],
    ['FROM a AS 1x\n', '1: "1x" is no name for a stage'],
    ['FROM a AS b/c\n', '1: "b/c" is no name for a stage'],
    ['FROM a\nONBU\u0130LD COPY --from=evil / /\n', '2: it is no instruction that is known'],
    ['FROM a\nONBUILD COPY --from=e\\vil / /\n', '2: it is unclear how its trigger would be read'],
    ['FROM a\nONBUILD RUN <<EOF\nx\nEOF\n', '2: it is unclear how its trigger would be read'],
    ['FROM a\nRUN --mount="""from=evil"",target=/x" true\n', ''],
    ['FROM a\nRUN --mount=\'"from=evil",target=/x\' true\n', '2: its mount holds quotes'],
    ['FROM a\nCOPY --chown=\u00a0--from=evil / /\n', '2: its flags hold more than plain text'],
    ['FROM a\nRUN x\0\n', '1: it holds bytes that are no text'],
    ['FROM a\nRUN x \\\n\ufeff#\nFROM b\n', '1: it holds bytes that are no text'],
    [`FROM a\nRUN ${'x'.repeat(65_536)}\n`, '1: a line of it is over 65535 bytes long'],
    [`FROM a\n${'#\n'.repeat(600_000)}`, '1: it is over 1048576 characters long'],
    ['FROM a\nRUN x\ud800\n', '1: it holds bytes that are no text'],
    ['# escape=\v`\nFROM a\n', '1: its directive "escape" is neither \\ nor `'],
    ['# escape=x\nFROM a\n', '1: its directive "escape" is neither \\ nor `'],
    ['# escape=`\n# Escape=`\nFROM a\n', '2: its directive "escape" is given twice'],
    ['FROM a AS \u212a\n', '1: "\u212a" is no name for a stage'],
    ['FROM a a\u017f b\n', '1: FROM takes an image, or an image AS a name'],
    [
      'FROM a\nONBUILD COPY\u00a0--from=evil / /\n',
      '2: it is unclear how its trigger would be read',
    ],
    [
      `FROM a\nRUN <<EOF ${'${A:-'.repeat(21)}${'}'.repeat(21)}\nFROM b\nEOF\n`,
      '2: it is unclear where its here-document ends',
    ],
    [
      'FROM a\nRUN <<EOF ${A\u{10d4a}}\nFROM b\nEOF\n',
      '2: it is unclear where its here-document ends',
    ],
    ['FROM a\nRUN <<EOF $\u{10d4a}\nEOF\n', '2: it is unclear where its here-document ends'],
    ['FROM a\n'.repeat(10_000), '1: it has 10000 stages, and 500 are the most'],
  ])('are refused where they can be read in two ways: %j', (text, why) => {
    expect(whys(text)).toEqual(why === '' ? [] : [why]);
  });

  it('make nothing of a file without FROM', () => {
    expect(froms('RUN true\n')).toEqual([]);
    expect(froms('')).toEqual([]);
  });
});

describe('what ADD fetches', () => {
  it.each([
    ['ADD https://x.test/a /', 'https://x.test/a'],
    ['ADD a HTTP://x.test/a.git /', 'HTTP://x.test/a.git'],
    ['ADD "https://x.test/a" /', 'https://x.test/a'],
    ['ADD https:\\//x.test/a /', 'https://x.test/a'],
    ['ADD ["https://x.test/a", "/"]', 'https://x.test/a'],
    ['ADD git@x.test:a/b.git#main /', 'git@x.test:a/b.git#main'],
    ['ADD ssh://x.test/a /', 'ssh://x.test/a'],
    ['ONBUILD ADD https://x.test/a /', 'https://x.test/a'],
    ['ADD $URL /', null],
    ['ADD app-$VERSION /', null],
    ['ADD ${X:-https://x.test} /', null],
  ])('%j is %j', (line, url) => {
    const { remotes } = parseDockerfile(`FROM a\n${line}\n`);

    expect(remotes).toMatchObject([{ url, checksum: null, line: 2 }]);
  });

  it.each([
    'ADD a.tar /',
    'ADD ./$X /',
    'ADD dir/$X /y',
    'ADD <<EOF /x\nhttps://\nEOF',
    'ADD a:b /',
  ])('is nothing in %j', (line) => {
    expect(parseDockerfile(`FROM a\n${line}\n`).remotes).toEqual([]);
  });

  it('is pinned by its checksum', () => {
    const { remotes } = parseDockerfile('FROM a\nADD --checksum=sha256:aa https://x.test/a /\n');

    expect(remotes).toMatchObject([{ checksum: 'sha256:aa' }]);
  });
});

describe('a Dockerfile made to be slow', () => {
  it.each([
    ['half a megabyte of here-documents', `FROM a\n${'RUN <<A\nA\n'.repeat(50_000)}`],
    ['a long continued line', `FROM a\nRUN ${'x \\\n'.repeat(100_000)}y\n`],
    [
      'many arguments that double',
      `${Array.from({ length: 2000 }, (_, i) => `ARG A${i + 1}=$A${i}$A${i}`).join('\n')}\nFROM a\n`,
    ],
    ['many flags', `FROM a\nRUN ${'--mount=from=a,target=/x \\\n'.repeat(10_000)} true\n`],
    ['many spaces', `FROM a\nRUN ${' '.repeat(60_000)}x${' '.repeat(4_000)}\n`],
    ['words without end', `FROM a\nRUN <<${'$'.repeat(60_000)}\n`],
    ['nested defaults', `FROM ${'${A:-'.repeat(10_000)}\n`],
    ['a syntax directive with space in it', `# syntax=x${' '.repeat(60_000)}y\nFROM a\n`],
    ['an escape directive with space in it', `# escape=x${' '.repeat(60_000)}y\nFROM a\n`],
    ['five hundred stages', 'FROM a AS b\nCOPY --from=b / /\n'.repeat(500)],
  ])('is read in time: %s', (_name, text) => {
    const start = performance.now();

    parseDockerfile(text);

    expect(performance.now() - start).toBeLessThan(3_000);
  });
});

import { parseDockerfile } from '../../../../src/contract/schema/dockerfile';

describe('parseDockerfile', () => {
  it('reads stages with image, name, last user and what they copy from', () => {
    const facts = parseDockerfile(`# a comment
ARG VERSION=1
FROM --platform=linux/amd64 bases/go:1.26 AS Build
USER root
RUN --mount=type=cache,target=/c --mount=type=bind,from=tools/image,source=/x,target=/x ["go"]
USER build
FROM host:5000/bases/static@sha256:aa
COPY --chown=1:1 \\
  --from=Build /out /out
COPY --from=1 /a /a
ONBUILD COPY --from=late/image /b /b
USER 65532:65532
`);

    expect(facts).toEqual({
      syntax: null,
      unclear: [],
      stages: [
        {
          from: 'bases/go:1.26',
          name: 'build',
          user: 'build',
          copiesFrom: ['tools/image'],
        },
        {
          from: 'host:5000/bases/static@sha256:aa',
          name: null,
          user: '65532:65532',
          copiesFrom: ['Build', '1', 'late/image'],
        },
      ],
    });
  });

  it.each([
    ['# syntax=docker/dockerfile:1\nFROM a\n', 'docker/dockerfile:1'],
    ['# escape=`\n# Syntax = evil/frontend\nFROM a\n', 'evil/frontend'],
    ['// syntax=evil/frontend\nFROM a\n', 'evil/frontend'],
    ['{"syntax":"evil/frontend"}', 'of a JSON document'],
    ['#!/usr/bin/env x\n# syntax=evil/frontend\nFROM a\n', 'evil/frontend'],
    ['\ufeff#!/usr/bin/env x\r\n//syntax=evil/frontend\r\nFROM a\r\n', 'evil/frontend'],
    ['#!/usr/bin/env x\n{"syntax":"evil/frontend"}', 'of a JSON document'],
    ['FROM a\n# syntax=not/a-directive\n', null],
  ])('finds the frontend of %j', (text, syntax) => {
    expect(parseDockerfile(text).syntax).toBe(syntax);
  });

  it('keeps a variable in FROM as it stands', () => {
    expect(parseDockerfile('ARG BASE=a\nFROM ${BASE}\n').stages[0]?.from).toBe('${BASE}');
  });

  it.each([
    ['a flag cut by a line continuation', 'FROM a\nCOPY --fr\\\n# note\n\nom=evil / /\n'],
    ['a quoted flag', 'FROM a\nCOPY --"from"=evil / /\n'],
    ['a mount in capitals', 'FROM a\nRUN --mount=type=bind,FROM=evil,target=/x true\n'],
    ['a flag after a quoted space', 'FROM a\nCOPY --chown="a b" --from=evil / /\n'],
  ])('finds the image of %s', (_name, text) => {
    expect(parseDockerfile(text).stages[0]?.copiesFrom).toEqual(['evil']);
  });

  it.each([
    ['spaces that only BuildKit knows', '\u00a0FROM\u000bevil\n'],
    ['an escape directive that is none', '# foo bar=x\n# escape=`\nFROM a\nRUN x `\nFROM evil\n'],
    ['a lone carriage return', 'FROM a\nRUN x \\\r\nFROM b\rFROM c\nFROM evil\n'],
  ])('is not led astray by %s', (_name, text) => {
    expect(parseDockerfile(text).stages.at(-1)?.from).toBe('evil');
  });

  it.each([
    'RUN echo \\<<EOF',
    'RUN echo \\ <<EOF',
    'RUN echo "a <<EOF',
    'RUN cat <<EOF;',
    'RUN cat 1<<EOF',
    'RUN cat <<$X',
  ])('owns up when it is unclear where %j ends', (line) => {
    const { unclear } = parseDockerfile(`FROM a\n${line}\nFROM evil\nEOF\n`);

    expect(unclear).toEqual([line]);
  });

  it.each(['RUN ["x", "a <<EOF"]', 'RUN echo " <<EOF "', 'LABEL a=<<EOF', 'RUN cat << EOF'])(
    'sees no here-document in %j',
    (line) => {
      const { stages, unclear } = parseDockerfile(`FROM a\n${line}\nFROM evil\n`);

      expect(stages.map((stage) => stage.from)).toEqual(['a', 'evil']);
      expect(unclear).toEqual([]);
    },
  );

  it('goes by the escape directive', () => {
    const text = '# escape=`\nFROM a\nRUN dir C:\\\nCOPY `\n --from=evil / /\nFROM b\n';

    const { stages } = parseDockerfile(text);

    expect(stages.map(({ from, copiesFrom }) => [from, ...copiesFrom])).toEqual([
      ['a', 'evil'],
      ['b'],
    ]);
  });

  it.each([
    'RUN cat <<EOF\nFROM x\nEOF\n',
    `RUN python3 - "a b" 'c\\n' <<-"EOF" > /x\nfrom os import path\n\tEOF\n`,
    'COPY <<one <<two /x/\nFROM x\none\nUSER 0\ntwo\n',
    'RUN echo $((1<<2))\n',
    'RUN cat \\\n  <<EOF\nFROM x\nEOF\n',
    'RUN cat <<< word\n',
  ])('reads over the here-documents of %j', (text) => {
    const { stages, unclear } = parseDockerfile(`FROM a\n${text}FROM b\n`);

    expect(stages.map((stage) => stage.from)).toEqual(['a', 'b']);
    expect(unclear).toEqual([]);
  });

  it('makes nothing of a file without FROM', () => {
    expect(parseDockerfile('RUN true\n').stages).toEqual([]);
    expect(parseDockerfile('').stages).toEqual([]);
  });
});

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
    ['FROM a\n# syntax=not/a-directive\n', null],
  ])('finds the frontend of %j', (text, syntax) => {
    expect(parseDockerfile(text).syntax).toBe(syntax);
  });

  it('keeps a variable in FROM as it stands', () => {
    expect(parseDockerfile('ARG BASE=a\nFROM ${BASE}\n').stages[0]?.from).toBe('${BASE}');
  });

  it('makes nothing of a file without FROM', () => {
    expect(parseDockerfile('RUN true\n').stages).toEqual([]);
    expect(parseDockerfile('').stages).toEqual([]);
  });
});

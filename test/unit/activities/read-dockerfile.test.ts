import { readDockerfile } from '../../../activities/read-dockerfile';
import { inspectDockerfile } from '../../../src/domain/dockerfile';

const POLICY = { multiStage: true, refuseRoot: true };

describe('readDockerfile', () => {
  it('reads stages with their users and what they copy from', () => {
    const facts = readDockerfile(`FROM --platform=linux/amd64 bases/go AS build
USER 1000
COPY . .
RUN --mount=type=bind,from=bases/tools,target=/tools make
FROM bases/static
COPY --from=build --chown=65532 /app /app
COPY --from=bases/certs /certs /certs
USER 65532:65532
`);

    expect(facts).toEqual({
      syntax: null,
      stages: [
        { from: 'bases/go', name: 'build', user: '1000', copiesFrom: ['bases/tools'] },
        {
          from: 'bases/static',
          name: null,
          user: '65532:65532',
          copiesFrom: ['build', 'bases/certs'],
        },
      ],
    });
  });

  it('sees the frontend, lower case, and continued lines', () => {
    const facts = readDockerfile(
      '# syntax=docker/dockerfile:1\nfrom bases/go \\\n  as build\nuser root\n',
    );

    expect(facts).toEqual({
      syntax: 'docker/dockerfile:1',
      stages: [{ from: 'bases/go', name: 'build', user: 'root', copiesFrom: [] }],
    });
  });

  it.each([
    ['a base from a build argument', 'ARG B=ubuntu\nFROM bases/go\nFROM $B\nUSER 1\n', 'variable'],
    ['a final root', 'FROM bases/go AS a\nFROM bases/static\nUSER 0:0\n', 'root'],
    ['a tag latest in COPY', 'FROM a\nFROM b\nCOPY --from=c:latest / /\nUSER 1\n', 'latest'],
    ['nothing', '', 'no FROM'],
  ])('lets %s be seen by the rule', (_, text, words) => {
    const { refusals } = inspectDockerfile(readDockerfile(text), POLICY);

    expect(refusals.map((refusal) => refusal.message).join(' ')).toContain(words);
  });
});

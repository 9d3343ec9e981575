import fc from 'fast-check';
import { parseDockerfile } from '../../../src/contract/schema/dockerfile';
import {
  imageName,
  inspectDockerfile,
  isRootUser,
  refuseRootImage,
  type DockerfileInspection,
} from '../../../src/domain/dockerfile';

const policy = { multiStage: true, refuseRoot: true };
const BUILD = 'FROM bases/go AS build\n';
const FINAL = 'FROM bases/static\nUSER 65532:65532\n';

function inspect(text: string, rules = policy): DockerfileInspection {
  return inspectDockerfile(parseDockerfile(text), rules);
}

function refusalsOf(text: string): readonly string[] {
  return inspect(text).refusals.map((one) => `${one.line ?? '-'} ${one.code}: ${one.message}`);
}

describe('isRootUser', () => {
  it.each(['', ' ', 'root', 'root:65532', '0', '00', '0:0', '+0', '-0', '0:nonroot', ':65532'])(
    'takes %j as root',
    (user) => {
      expect(isRootUser(user)).toBe(true);
    },
  );

  it.each(['65532', '65532:65532', 'nonroot', 'app:root', '1', '0x1'])(
    'takes %j as not root',
    (user) => {
      expect(isRootUser(user)).toBe(false);
    },
  );

  it('never takes a uid above zero as root, whatever the group', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 31 - 1 }), fc.nat(), (uid, gid) => {
        expect(isRootUser(`${uid}:${gid}`)).toBe(false);
      }),
    );
  });
});

describe('imageName', () => {
  it.each([
    ['bases/go', 'bases/go'],
    ['bases/go:1.26', 'bases/go'],
    ['host:5000/bases/go', 'host:5000/bases/go'],
    ['host:5000/bases/go:1@sha256:aa', 'host:5000/bases/go'],
  ])('of %s is %s', (reference, name) => {
    expect(imageName(reference)).toBe(name);
  });
});

describe('inspectDockerfile', () => {
  it('lets a multi-stage build with a non-root user pass, and names its images once, with their lines', () => {
    const inspection = inspect(`${BUILD}FROM bases/go AS test\n${FINAL}COPY --from=build /a /a\n`);

    expect(inspection).toMatchObject({
      multiStage: true,
      finalUser: '65532:65532',
      images: ['bases/go', 'bases/static'],
      mentions: [
        { name: 'bases/go', line: 1 },
        { name: 'bases/go', line: 2 },
        { name: 'bases/static', line: 3 },
      ],
      refusals: [],
    });
  });

  it('refuses a single stage', () => {
    expect(refusalsOf(FINAL)).toEqual([expect.stringMatching(/^1 BUILD_REFUSED: .*single stage/)]);
  });

  it('refuses a final stage that sets root, and not an earlier one that does', () => {
    expect(refusalsOf(`${BUILD}USER root\n${FINAL}`)).toEqual([]);
    expect(refusalsOf(`${BUILD}FROM bases/static\nUSER 0:0\n`)).toEqual([
      expect.stringMatching(/runs as root/),
    ]);
  });

  it('follows the user to the stage that the final one is built on', () => {
    expect(refusalsOf(`${BUILD}FROM bases/static AS Shared\nUSER root\nFROM shared\n`)).toEqual([
      expect.stringMatching(/runs as root/),
    ]);
  });

  it('leaves a user that the base sets to the check of the built image', () => {
    const { finalUser, refusals } = inspect(`${BUILD}FROM bases/static\n`);

    expect(finalUser).toBeNull();
    expect(refusals).toEqual([]);
  });

  it('refuses more images than anyone names, and looks up none beyond', () => {
    const copies = Array.from({ length: 600 }, (_, image) => `COPY --from=bases/b${image} a b`);

    const { images, refusals } = inspect(`${BUILD}${copies.join('\n')}\n${FINAL}`);

    expect(images).toHaveLength(500);
    expect(refusals).toMatchObject([
      { message: 'The Dockerfile names 602 images, and 500 are the most.' },
    ]);
  });

  it.each(['bases/static:latest', 'host:5000/bases/static:LATEST'])('refuses %s', (from) => {
    expect(refusalsOf(`${BUILD}FROM ${from}\n`)).toEqual([
      expect.stringMatching(/^2 LATEST_REFUSED: /),
    ]);
  });

  it('refuses a frontend from outside and a file without FROM', () => {
    expect(refusalsOf(`# syntax=docker/dockerfile:1\n${BUILD}${FINAL}`)).toEqual([
      expect.stringMatching(/^1 .*frontend "docker\/dockerfile:1"/),
    ]);
    expect(refusalsOf('RUN true\n')).toEqual([expect.stringMatching(/no FROM/)]);
  });

  it('refuses what can be read in two ways, by its line', () => {
    expect(refusalsOf(`${BUILD}${FINAL}RUN cat <<EOF\n`)).toEqual([
      expect.stringMatching(/^4 BUILD_REFUSED: "RUN cat <<EOF": .*here-document/),
    ]);
  });

  it('asks for nothing that the policy does not ask for', () => {
    const { refusals } = inspect('FROM bases/static\nUSER root\n', {
      multiStage: false,
      refuseRoot: false,
    });

    expect(refusals).toEqual([]);
  });
});

describe('images of FROM', () => {
  it.each([
    ['ARG X=bases/go\nFROM $X', 'bases/go'],
    ['ARG X=go\nFROM bases/${X}', 'bases/go'],
    ['FROM bases/${X:-go}', 'bases/go'],
    ['ARG X\nFROM bases/${X:-go}', 'bases/go'],
    ['ARG X=\nFROM bases/${X:-go}', 'bases/go'],
    ['ARG X=a\nFROM ${X:+bases/go}', 'bases/go'],
    ['ARG X=evil\nARG X=bases/go\nFROM $X', 'bases/go'],
    ['ARG X=bases/go\nARG X\nFROM $X', 'bases/go'],
    ['ARG A=bases B=$A/go\nFROM $B', 'bases/go'],
    ['ARG A="bases/go"\nFROM "$A"', 'bases/go'],
    ["ARG A='bases/go'\nFROM $A", 'bases/go'],
    ['ARG TARGETARCH=go\nFROM bases/$TARGETARCH', 'bases/go'],
    ['FROM --platform=$TARGETPLATFORM bases/go', 'bases/go'],
    ['ARG SOURCE_DATE_EPOCH\nFROM bases/go', 'bases/go'],
    ['ARG SOURCE_DATE_EPOCH=1700000000\nFROM bases/go', 'bases/go'],
    ['ARG A=x\u00a0B=evil\nFROM ${B:-bases/go}', 'evil'],
    ['ARG A="x\u00a0B=evil"\nFROM ${B:-bases/go}', 'bases/go'],
    ['# escape=`\nARG X=bases/go\nFROM `$X$X', null],
  ])('of %j are %j', (text, image) => {
    const { images } = inspect(`${text} AS one\n${FINAL}`);

    expect(images).toEqual([...(image === null ? [] : [image]), 'bases/static']);
  });

  it.each([
    ['FROM $X', /it is empty/],
    ['FROM evil\nARG X=bases/go\nFROM $X', /it is empty/],
    ['FROM bases/$TARGETARCH', /only the builder knows/],
    ['ARG A=$BUILDOS\nARG B=x$A\nFROM bases/$B', /only the builder knows/],
    ['ARG A="x\nFROM a', /default of ARG A/],
    ['FROM ${X', /can't be told/],
    ['FROM ${X:-a b}', /FROM takes an image/],
    ['FROM Bases/Go', /not the name of an image/],
    ['ARG X=$X$X\nFROM ${X#a}', /modifier/],
    ['FROM ${A\u{10d4a}:-bases/go}', /letters beyond ASCII/],
    ['ARG B=$A\u{10d4a}\nFROM ${B:+evil/}bases/go', /letters beyond ASCII/],
    ['ARG SOURCE_DATE_EPOCH=bases/go\nFROM ${SOURCE_DATE_EPOCH:-evil}', /only the builder knows/],
    ['ARG SOURCE_DATE_EPOCH=01\nFROM bases/go:$SOURCE_DATE_EPOCH', /only the builder knows/],
    ['ARG SOURCE_DATE_EPOCH=\nARG A=$SOURCE_DATE_EPOCH\nFROM bases/go$A', /only the builder knows/],
    ['FROM bases/go$SOURCE_DATE_EPOCH', /only the builder knows/],
    ['ARG SOURCE_DATE_EPOCH=build\nFROM bases/go', /^1 .*SOURCE_DATE_EPOCH .* no number/],
    ['ARG SOURCE_DATE_EPOCH=-1\nFROM bases/go', /^1 .*SOURCE_DATE_EPOCH .* no number/],
    ['ARG SOURCE_DATE_EPOCH=$TARGETARCH\nFROM bases/go', /^1 .*SOURCE_DATE_EPOCH .* no number/],
    ['ARG X=evil\nARG SOURCE_DATE_EPOCH=$X SOURCE_DATE_EPOCH=1\nFROM bases/go', /^2 .* no number/],
  ])('%j is refused', (text, reason) => {
    expect(refusalsOf(`${text}\n${FINAL}`).join('\n')).toMatch(reason);
  });

  it('takes a stage for one from the next stage on, in the case it is kept in', () => {
    expect(inspect(`FROM one AS one\nFROM one AS two\n${FINAL}`).images).toEqual([
      'one',
      'bases/static',
    ]);
    expect(refusalsOf(`FROM bases/go AS one\nFROM ONE\n`)).toEqual([
      expect.stringMatching(/"ONE" is not the name of an image/),
    ]);
  });

  it('refuses a stage that has the name of an image, which BuildKit would put in its place', () => {
    expect(refusalsOf(`FROM alpine AS a\nFROM bases/go AS alpine\n${FINAL}`)).toEqual([
      expect.stringMatching(/^2 .*stage "alpine" has the name of an image/),
    ]);
  });
});

describe('images of COPY and RUN', () => {
  function copied(...lines: readonly string[]): readonly string[] {
    return inspect(`${BUILD}${FINAL}${lines.join('\n')}\n`).images.slice(2);
  }

  it('are those that are no stage, by name or, for COPY, by number', () => {
    expect(
      copied(
        'COPY --from=build /a /a',
        'COPY --from=BUILD /a /a',
        'COPY --from=0 /a /a',
        'COPY --from=scratch /a /a',
        'COPY --from=other/image /a /a',
        'COPY --from=1 /a /a',
        'RUN --mount=type=bind,from=build,target=/x true',
        'RUN --mount=type=bind,from=0,target=/x true',
      ),
    ).toEqual(['other/image', '1', '0']);
  });

  it('are not resolved: BuildKit does not either', () => {
    expect(refusalsOf(`ARG X=bases/go\n${BUILD}${FINAL}COPY --from=$X /a /a\n`)).toEqual([
      expect.stringMatching(/"\$X" is not the name of an image/),
    ]);
  });
});

describe('refuseRootImage', () => {
  it('refuses an image without a user and one with root', () => {
    expect(refuseRootImage('', policy)?.message).toMatch(/no user/);
    expect(refuseRootImage('root', policy)?.code).toBe('BUILD_REFUSED');
  });

  it('lets a non-root user pass, and anyone where the policy allows it', () => {
    expect(refuseRootImage('65532', policy)).toBeNull();
    expect(refuseRootImage('', { refuseRoot: false })).toBeNull();
  });
});

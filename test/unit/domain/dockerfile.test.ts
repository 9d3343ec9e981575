import fc from 'fast-check';
import {
  imageName,
  inspectDockerfile,
  isRootUser,
  refuseRootImage,
  type DockerfileStage,
} from '../../../src/domain/dockerfile';

const policy = { multiStage: true, refuseRoot: true };
const stage = (from: string, extra: Partial<DockerfileStage> = {}): DockerfileStage => ({
  from,
  name: null,
  user: null,
  copiesFrom: [],
  ...extra,
});
const build = stage('bases/go', { name: 'build' });
const final = stage('bases/static', { user: '65532:65532', copiesFrom: ['build'] });

function refusalsOf(stages: readonly DockerfileStage[], syntax: string | null = null): string[] {
  const { refusals } = inspectDockerfile({ stages, syntax }, policy);
  return refusals.map((one) => `${one.code}: ${one.message}`);
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
  it('lets a multi-stage build with a non-root user pass, and names its images once', () => {
    const inspection = inspectDockerfile({ stages: [build, build, final], syntax: null }, policy);

    expect(inspection).toMatchObject({
      multiStage: true,
      finalUser: '65532:65532',
      images: ['bases/go', 'bases/static'],
      refusals: [],
    });
  });

  it('refuses a single stage', () => {
    expect(refusalsOf([stage('bases/static', { user: '65532' })])).toEqual([
      expect.stringMatching(/^BUILD_REFUSED: .*single stage/),
    ]);
  });

  it('refuses a final stage that sets root, and not an earlier one that does', () => {
    const rooted = { ...build, user: 'root' };

    expect(refusalsOf([rooted, final])).toEqual([]);
    expect(refusalsOf([build, { ...final, user: '0:0' }])).toEqual([
      expect.stringMatching(/runs as root/),
    ]);
  });

  it('follows the user to the stage that the final one is built on', () => {
    const shared = stage('bases/static', { name: 'shared', user: 'root' });

    expect(refusalsOf([build, shared, stage('Shared')])).toEqual([
      expect.stringMatching(/runs as root/),
    ]);
  });

  it('leaves a user that the base sets to the check of the built image', () => {
    const { finalUser, refusals } = inspectDockerfile(
      { stages: [build, stage('bases/static')], syntax: null },
      policy,
    );

    expect(finalUser).toBeNull();
    expect(refusals).toEqual([]);
  });

  it.each(['bases/static:latest', 'host:5000/bases/static:LATEST'])('refuses %s', (from) => {
    expect(refusalsOf([build, { ...final, from }])).toEqual([
      expect.stringMatching(/^LATEST_REFUSED: /),
    ]);
  });

  it('refuses an image behind a variable', () => {
    expect(refusalsOf([build, { ...final, from: '${BASE}' }])).toEqual([
      expect.stringMatching(/variable/),
    ]);
  });

  it('counts what is copied from as an image, unless it is a stage by name or number', () => {
    const copying = { ...final, copiesFrom: ['build', 'BUILD', '0', 'other/image', '7'] };

    const { images } = inspectDockerfile({ stages: [build, copying], syntax: null }, policy);

    expect(images).toEqual(['bases/go', 'bases/static', 'other/image', '7']);
  });

  it('does not count scratch, nor a stage that comes later', () => {
    const { images } = inspectDockerfile(
      { stages: [stage('build'), { ...build, from: 'scratch' }], syntax: null },
      policy,
    );

    expect(images).toEqual(['build']);
  });

  it('refuses a frontend from outside and a file without FROM', () => {
    expect(refusalsOf([build, final], 'docker/dockerfile:1')).toEqual([
      expect.stringMatching(/frontend "docker\/dockerfile:1"/),
    ]);
    expect(refusalsOf([])).toEqual([expect.stringMatching(/no FROM/)]);
  });

  it('asks for nothing that the policy does not ask for', () => {
    const single = { stages: [stage('bases/static', { user: 'root' })], syntax: null };

    const { refusals } = inspectDockerfile(single, { multiStage: false, refuseRoot: false });

    expect(refusals).toEqual([]);
  });
});

describe('an instruction that can be read in two ways', () => {
  it('is refused by name', () => {
    const facts = { stages: [build, final], syntax: null, unclear: ['RUN echo " <<EOF "'] };

    expect(inspectDockerfile(facts, policy).refusals).toMatchObject([
      { code: 'BUILD_REFUSED', message: expect.stringContaining('RUN echo " <<EOF "') as string },
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

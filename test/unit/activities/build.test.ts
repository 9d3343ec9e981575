import { createBuildActivities, type ObtainImageResult } from '../../../activities/build';
import { createProvenanceActivities } from '../../../activities/provenance';
import { runActivity } from '../../support/activity-env';
import { fakeDigest } from '../../support/api-fixtures';
import { testPolicy, testService } from '../../support/builders';
import { createFakeDeps, GOOD_DOCKERFILE, type FakeDeps } from '../../support/fake-deps';

const { build: policy } = testPolicy();
const release = { svc: 'shop', releaseId: 'shop/1.0.0_abcdef1', policyHash: 'sha256:p' };
const input = {
  release,
  service: testService('shop'),
  version: '1.0.0',
  revision: 'abcdef1',
  requestedAt: '2026-01-01T00:00:00Z',
  policy,
  transparencyLog: 'required',
  path: 'shop',
} as const;

function build(deps: FakeDeps): Promise<ObtainImageResult> {
  return runActivity(createBuildActivities(deps), 'buildImage', input);
}

describe('buildImage', () => {
  it('hands the builder the very text that it judged, with a pin for each image in it', async () => {
    const dockerfile = `ARG KIND=go\n${GOOD_DOCKERFILE.replace('bases/go', 'bases/${KIND}')}`;
    const deps = await createFakeDeps({ dockerfile });

    const { verdict } = await build(deps);

    expect(verdict).toMatchObject({ outcome: 'pass' });
    expect(deps.builder.calls.map(({ args }) => args[0])).toEqual([
      expect.objectContaining({
        dockerfile,
        bases: {
          'bases/go': expect.objectContaining({ repository: 'bases/go' }) as unknown,
          'bases/static': expect.objectContaining({ repository: 'bases/static' }) as unknown,
        },
      }),
    ]);
  });

  it('gives what it builds the time of the commit', async () => {
    const time = '2026-01-02T03:04:05.000Z';
    const asked: string[] = [];
    const readCommitTime = (_folder: string, revision: string): Promise<string> => {
      asked.push(revision);
      return Promise.resolve(time);
    };
    const deps = { ...(await createFakeDeps()), readCommitTime };

    await build(deps);

    expect(asked).toEqual(['abcdef1']);
    expect(deps.builder.calls[0]?.args[0]).toMatchObject({ sourceDate: time });
  });

  it('builds nothing from a Dockerfile that is refused', async () => {
    const deps = await createFakeDeps({
      dockerfile: `${GOOD_DOCKERFILE}ADD https://x.test/a /a\n`,
    });

    const { verdict, digest } = await build(deps);

    expect(verdict).toMatchObject({
      outcome: 'fail',
      reasons: [expect.stringMatching(/comes from the network/)],
    });
    expect(digest).toBeUndefined();
    expect(deps.builder.calls).toEqual([]);
  });

  it('is caught by its provenance when its bases came from another host', async () => {
    const deps = { ...(await createFakeDeps()), registryHosts: ['elsewhere.test'] };
    const { digest = fakeDigest('none'), bases = [], writtenBy = [] } = await build(deps);
    const built = { path: 'shop', bases, writtenBy };

    const verdict = await runActivity(createProvenanceActivities(deps), 'checkProvenance', {
      ...input,
      digest,
      built,
    });

    expect(verdict.reasons).toEqual([
      expect.stringMatching(/bases\/go.*registry\.test is no host of this registry/),
      expect.stringMatching(/bases\/static.*registry\.test is no host of this registry/),
    ]);
  });
});

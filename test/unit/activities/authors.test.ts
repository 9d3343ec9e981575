import { createAuthorActivities } from '../../../activities/authors';
import type { CommitAuthors } from '../../../src/domain/authors';
import { fakeProvenance } from '../../support/fakes/builder';
import { createFakeLedger } from '../../support/fakes/ledger';
import { createFakeRegistry, type FakeRegistry } from '../../support/fakes/registry';

const service = { svc: 'shop', name: 'web' };
const repository = 'apps/shop/web';
const LABEL = 'plura.commit_author';

let registry: FakeRegistry;
const deps = { ledger: createFakeLedger(), now: () => new Date('2026-03-01T12:00:00.000Z') };

beforeEach(() => {
  registry = createFakeRegistry();
});

function read(
  image: Parameters<FakeRegistry['pushImage']>[0],
  built = false,
): Promise<CommitAuthors> {
  const digest = registry.pushImage(image);
  const activities = createAuthorActivities({ ...deps, registry });
  return activities.readCommitAuthors({ service, digest, built });
}

describe('readCommitAuthors', () => {
  it('reads what the build was asked for from its provenance', async () => {
    const labels = { [LABEL]: 'Rita <rita@example.com>' };
    const provenance = fakeProvenance({ contextPath: '/s', repository, labels, bases: {} });

    expect(await read({ repository, provenance })).toEqual({
      authors: [{ who: 'Rita <rita@example.com>', from: `provenance label ${LABEL}` }],
      known: true,
    });
  });

  it('reads the label of an image without provenance', async () => {
    expect(await read({ repository, labels: { [LABEL]: 'rita' } })).toMatchObject({ known: true });
  });

  it.each([LABEL, 'plura.requested_author'])(
    'reads the label %s of a build of ours as no knowledge',
    async (label) => {
      const authors = await read({ repository, labels: { [label]: 'rita' } }, true);

      expect(authors).toEqual({ authors: [{ who: 'rita', from: `label ${label}` }], known: false });
    },
  );

  it('knows nobody where nobody is named', async () => {
    expect(await read({ repository })).toEqual({ authors: [], known: false });
  });

  it('leaves it to the provenance gate to refuse what is invalid', async () => {
    registry.fail('ATTESTATION_INVALID', 1, 'getManifest');

    expect(await read({ repository, labels: { [LABEL]: 'rita' } })).toMatchObject({
      authors: [{ who: 'rita' }],
    });
  });

  it('is an error while the registry does not answer', async () => {
    registry.fail('REGISTRY_UNAVAILABLE', 1, 'getImageConfig');

    await expect(read({ repository })).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
  });
});

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

function read(image: Parameters<FakeRegistry['pushImage']>[0]): Promise<CommitAuthors> {
  const digest = registry.pushImage(image);
  return createAuthorActivities({ ...deps, registry }).readCommitAuthors({ service, digest });
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

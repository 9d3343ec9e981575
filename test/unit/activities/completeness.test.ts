import { signatureStatement, statementFor } from '../../../activities/bundles';
import { checkCompleteness } from '../../../activities/completeness';
import { OCI_INDEX } from '../../../src/adapters/oci/media-types';
import type { CompletenessFault } from '../../../src/domain/completeness';
import type { ImageRef } from '../../../src/domain/reference';
import { PREDICATE_TYPES } from '../../../src/ports/signer';
import { createAdmissionWorld, type AdmissionWorld } from '../../support/admission-world';
import { CATALOG } from '../../support/api-fixtures';

const repository = 'apps/checkout/checkout';

let world: AdmissionWorld;

beforeEach(async () => {
  world = await createAdmissionWorld();
});

const check = ({ digest }: ImageRef): Promise<readonly CompletenessFault[]> =>
  checkCompleteness(
    { ...world, now: () => world.now },
    {
      service: CATALOG.find(({ svc }) => svc === 'checkout')!,
      digest,
      transparencyLog: 'required',
      verdictMaxAgeMs: 7 * 86_400_000,
    },
  );

/** A signed index of a signed image, and of one whose platform is half unknown, without a signature. */
async function indexWithOddChild(): Promise<ImageRef> {
  const image = await world.release();
  const { manifests } = await world.registry.getManifest(image);
  const odd = { os: 'unknown', architecture: 'amd64' };
  const digest = world.registry.pushImage({ repository, layers: [Buffer.from('odd')] });
  const { mediaType, bytes } = await world.registry.getManifest({ repository, digest });
  const child = { mediaType, digest, size: bytes.length, platform: odd };
  const index = { schemaVersion: 2, mediaType: OCI_INDEX, manifests: [...manifests, child] };
  const bytesOfIndex = Buffer.from(JSON.stringify(index));
  const whole = {
    repository,
    digest: world.registry.placeManifest(repository, bytesOfIndex, OCI_INDEX),
  };
  await world.attach(whole, signatureStatement(whole.digest));
  for (const type of [PREDICATE_TYPES.sbom, PREDICATE_TYPES.provenance]) {
    await world.attach(whole, statementFor(whole.digest, type, {}));
  }
  return whole;
}

describe('the pre-flight of a rollback target', () => {
  it('finds nothing missing of a release', async () => {
    expect(await check(await world.release())).toEqual([]);
  });

  it('misses the signature of a child', async () => {
    const faults = await check(await world.release({ without: ['child'] }));

    expect(faults.map(({ part }) => part)).toEqual(['child-signature']);
  });

  it('misses it for the same children as admission does', async () => {
    const image = await indexWithOddChild();

    const faults = await check(image);
    const admission = await world.deps.verifier.verify(image);

    expect(faults.map(({ part }) => part)).toContain('child-signature');
    expect(admission.faults.map(({ rule }) => rule)).toContain('child-signature');
  });
});

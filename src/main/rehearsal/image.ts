import { randomUUID } from 'node:crypto';
import { OCI_INDEX, OCI_MANIFEST } from '../../adapters/oci/media-types';
import type { EvidenceBody } from '../../contract/schema/evidence';
import type { Digest } from '../../domain/digest';
import type { BuildPolicy } from '../../domain/policy';
import { BUILDKIT_BUILD_TYPE } from '../../domain/provenance';
import type { ImageRef } from '../../domain/reference';
import type { Json } from '../../domain/verdict';
import type { Descriptor } from '../../ports/registry';
import { KEY_IDS, PREDICATE_TYPES } from '../../ports/signer';
import { createPieces, type Pieces } from './pieces';
import type { RehearsalSigning } from './signing';

export interface RehearsalImage {
  readonly digest: Digest;
  /** What a registry has about the image and its base, by digest. */
  readonly evidence: ReadonlyMap<string, EvidenceBody>;
}

interface ImageParts {
  readonly signing: RehearsalSigning;
  readonly policy: Pick<BuildPolicy, 'trustedBuilders' | 'bases'>;
  readonly trustedSources: readonly string[];
  readonly keyId: string;
}

/** As of a small service: what takes longer with more is native code, which has nothing to learn. */
const COMPONENTS = 60;

/** Of bytes that no other image has. */
function addImage(pieces: Pieces): Descriptor {
  const config = { Env: ['PATH=/usr/bin'], Entrypoint: ['/app/web'], Labels: {} };
  const history = [{ created_by: `COPY app /app # ${randomUUID()}` }];
  const text = JSON.stringify({ os: 'linux', architecture: 'amd64', config, history });
  const layers = [pieces.blob(Buffer.from('layer'))];
  return pieces.manifest(OCI_MANIFEST, { config: pieces.blob(Buffer.from(text)), layers });
}

function sbomOf(): Json {
  const components = Array.from({ length: COMPONENTS }, (_, number) => ({
    type: 'library',
    name: `component-${number}`,
    version: `1.${number}.0`,
    purl: `pkg:npm/component-${number}@1.${number}.0`,
    licenses: [{ license: { id: 'Apache-2.0' } }],
  }));
  return { bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, components };
}

function provenanceOf({ policy, trustedSources }: ImageParts, base: ImageRef): Json {
  const uri = `pkg:docker/localhost/${base.repository}?digest=${base.digest}&platform=linux%2Famd64`;
  const digest = { sha256: base.digest.slice('sha256:'.length) };
  return {
    buildDefinition: {
      buildType: BUILDKIT_BUILD_TYPE,
      externalParameters: { configSource: { uri: trustedSources[0] ?? '', path: 'Dockerfile' } },
      internalParameters: { builderPlatform: 'linux/amd64' },
      resolvedDependencies: [{ uri, digest }],
    },
    runDetails: {
      builder: { id: policy.trustedBuilders[0] ?? 'https://localhost/rehearsal' },
      metadata: { invocationId: 'rehearsal', startedOn: '2026-01-01T00:00:00Z' },
    },
  };
}

/** An index of one platform with all that a release has: signatures, SBOM, and provenance that names a signed base. */
export async function makeRehearsalImage(parts: ImageParts): Promise<RehearsalImage> {
  const { signature, sbom, provenance } = PREDICATE_TYPES;
  const { signing, keyId, policy } = parts;
  const below = createPieces();
  const base = addImage(below);
  const custodian = await signing.sign(KEY_IDS.bases, base.digest, signature, {});
  below.attach(base, [[signature, custodian]]);

  const pieces = createPieces();
  const child = addImage(pieces);
  const platform = { os: 'linux', architecture: 'amd64' };
  const index = pieces.manifest(OCI_INDEX, { manifests: [{ ...child, platform }] });
  const sign = async (subject: Descriptor, type: string, predicate: Json = {}) =>
    [type, await signing.sign(keyId, subject.digest, type, predicate)] as const;
  const repository = policy.bases.allow[0] ?? 'bases/rehearsal';
  const built = provenanceOf(parts, { repository, digest: base.digest });
  pieces.attach(child, [await sign(child, signature)]);
  pieces.attach(index, [
    await sign(index, signature),
    await sign(index, sbom, sbomOf()),
    await sign(index, provenance, built),
  ]);
  const evidence = new Map([
    [index.digest, pieces.body()],
    [base.digest, below.body()],
  ]);
  return { digest: index.digest, evidence };
}

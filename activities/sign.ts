import { ReleaseError } from '../src/contract/errors';
import type { Digest } from '../src/domain/digest';
import { appRepository, type ImageRef } from '../src/domain/reference';
import { isRunnable } from '../src/domain/registry/runnable';
import type { Service } from '../src/domain/service';
import type { Json, Verdict } from '../src/domain/verdict';
import { KEY_IDS, PREDICATE_TYPES, type Statement } from '../src/ports/signer';
import { attachBundle, obtainBundle, signatureStatement, statementFor } from './bundles';
import type { Deps } from './deps';
import { readBuildProvenance } from './read-provenance';
import { MAX_SBOM_BYTES } from './read-sbom';
import { recordVerdict, type ReleaseRef } from './verdicts';

export interface SignReleaseInput {
  readonly release: ReleaseRef;
  readonly service: Service;
  readonly digest: Digest;
  readonly sbomDigest: Digest;
  readonly createdAt: string;
  readonly transparencyLog: 'required' | 'off';
}

export interface SignActivities {
  /** Signs image, children, SBOM and provenance, what is not signed yet. Throws SIGNER_UNAVAILABLE, LOG_UNAVAILABLE. */
  signRelease(input: SignReleaseInput): Promise<Verdict>;
}

type SignDeps = Pick<Deps, 'registry' | 'signer' | 'ledger' | 'now'>;

interface Signing {
  readonly image: ImageRef;
  readonly statements: readonly Statement[];
}

export function createSignActivities(deps: SignDeps): SignActivities {
  return { signRelease: (input) => signRelease(deps, input) };
}

async function signRelease(deps: SignDeps, input: SignReleaseInput): Promise<Verdict> {
  const { release, service, digest, createdAt } = input;
  const log = input.transparencyLog === 'required';
  const keyId = KEY_IDS.release(service.region);
  const signings = await planSignings(deps, input);
  const indexes = await Promise.all(
    signings.map((signing) => signAll(deps, signing, keyId, log, createdAt)),
  );
  return recordVerdict(deps, release, {
    gate: 'signature',
    subject: digest,
    outcome: 'pass',
    reasons: [],
    evidence: {
      keyId,
      signed: signings.map(({ image, statements }) => ({
        digest: image.digest,
        predicateTypes: statements.map((statement) => statement.predicateType),
      })),
      logIndexes: indexes.flat(),
    },
  });
}

/**
 * Signed side by side, since the log answers each only at its next checkpoint. Attached one after the other,
 * since parallel attaches to a subject lose entries on registries without a referrers API.
 */
async function signAll(
  deps: SignDeps,
  { image, statements }: Signing,
  keyId: string,
  log: boolean,
  createdAt: string,
): Promise<readonly string[]> {
  const bundles = await Promise.all(
    statements.map(async (statement) => {
      const query = { image, predicateType: statement.predicateType, keyId, log };
      return { query, bundle: await obtainBundle(deps, query, statement) };
    }),
  );
  const indexes: string[] = [];
  for (const { query, bundle } of bundles) {
    const index = await attachBundle(deps, query, bundle, createdAt);
    if (index !== null) indexes.push(index);
  }
  return indexes;
}

async function planSignings(
  deps: SignDeps,
  { service, digest, sbomDigest }: SignReleaseInput,
): Promise<readonly Signing[]> {
  const repository = appRepository(service.svc, service.name);
  const image = { repository, digest };
  const [manifest, sbom, provenance] = await Promise.all([
    deps.registry.getManifest(image),
    deps.registry.getArtifact({ repository, digest: sbomDigest }, MAX_SBOM_BYTES),
    readBuildProvenance(deps.registry, image),
  ]);
  if (provenance === null) {
    throw new ReleaseError(
      'ATTESTATION_INVALID',
      `${digest} lost its provenance since it was checked`,
    );
  }
  const document = JSON.parse(sbom.payload.toString('utf8')) as Json;
  // A signature of an index does not cover its children, and nodes run a child.
  const children = manifest.manifests.filter(isRunnable).map((child) => child.digest);
  return [
    {
      image,
      statements: [
        signatureStatement(digest),
        statementFor(digest, PREDICATE_TYPES.sbom, document),
        statementFor(digest, PREDICATE_TYPES.provenance, provenance),
      ],
    },
    ...[...children, sbomDigest].map((subject) => ({
      image: { repository, digest: subject },
      statements: [signatureStatement(subject)],
    })),
  ];
}

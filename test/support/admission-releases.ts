import { signatureStatement, statementFor } from '../../activities/bundles';
import type { ImageRef } from '../../src/domain/reference';
import type { Verdict } from '../../src/domain/verdict';
import {
  BUNDLE_ARTIFACT_TYPE,
  KEY_IDS,
  PREDICATE_TYPE_ANNOTATION,
  PREDICATE_TYPES,
  type Statement,
} from '../../src/ports/signer';
import type { AdmissionStack } from './admission-stack';
import { LABELS, releaseStatus } from './api-fixtures';
import { pin } from './contracts/allow-list';
import { fakeProvenance } from './fakes/builder';
import { pushTestImage } from './registry-server';

type Parts = Pick<AdmissionStack, 'registryUrl' | 'registry' | 'signer' | 'ledger'>;
type Part = 'signature' | 'sbom' | 'provenance' | 'child';

export interface ReleaseInput {
  /** What is not attached. */
  readonly without?: readonly Part[];
  readonly keyId?: string;
  /** What becomes of a bundle before it is attached. */
  readonly edit?: (bundle: Buffer) => Buffer;
  readonly scan?: Partial<Verdict>;
  /** No channel points at it. */
  readonly unpinned?: boolean;
}

export interface Releases {
  /** A release of `shop` that went all the way to prod:stable, but for what is said. Each call makes another image. */
  release(input?: ReleaseInput): Promise<ImageRef>;
  attach(subject: ImageRef, statement: Statement, input?: ReleaseInput): Promise<void>;
}

const REPOSITORY = 'apps/shop/web';

/** Images that nodes run, without what BuildKit lays beside them. */
async function childrenOf({ registry }: Parts, image: ImageRef): Promise<readonly ImageRef[]> {
  const { manifests } = await registry.getManifest(image);
  return manifests
    .filter(({ platform }) => platform?.os !== 'unknown')
    .map(({ digest }) => ({ repository: image.repository, digest }));
}

export async function createReleases(parts: Parts): Promise<Releases> {
  const { registryUrl, registry, signer, ledger } = parts;
  let made = 0;

  async function attach(
    subject: ImageRef,
    statement: Statement,
    { keyId = KEY_IDS.release('eu-west-1'), edit = (bundle) => bundle }: ReleaseInput = {},
  ): Promise<void> {
    await registry.attach({
      subject,
      artifactType: BUNDLE_ARTIFACT_TYPE,
      mediaType: BUNDLE_ARTIFACT_TYPE,
      payload: edit(await signer.sign(keyId, statement, true)),
      annotations: { [PREDICATE_TYPE_ANNOTATION]: statement.predicateType },
    });
  }

  const base = {
    repository: 'bases/static',
    digest: await pushTestImage(registryUrl, {
      repository: 'bases/static',
      layers: [Buffer.from('base')],
    }),
  };
  await attach(base, signatureStatement(base.digest), { keyId: KEY_IDS.bases });

  async function record(image: ImageRef, { scan, unpinned }: ReleaseInput): Promise<void> {
    const { repository, digest } = image;
    const now = new Date(Date.now() + made).toISOString();
    const releaseId = `shop/1.4.${made}_abc1234`;
    const status = releaseStatus({
      releaseId,
      svc: 'shop',
      repository,
      digest,
      outcome: 'released',
      stage: 'done',
    });
    await ledger.saveStatus(status, `run-${made}`, 1);
    const verdict = { gate: 'scan', subject: digest, outcome: 'pass', reasons: [] } as const;
    const recorded = { ...verdict, evidence: {}, ...scan };
    await ledger.recordVerdict(releaseId, `run-${made}`, 'sha256:policy', recorded, now);
    if (!unpinned) await pin(ledger, digest, now);
  }

  async function release(input: ReleaseInput = {}): Promise<ImageRef> {
    made += 1;
    const { without = [] } = input;
    const build = {
      contextPath: '/s',
      repository: REPOSITORY,
      labels: LABELS,
      bases: { static: base },
    };
    const provenance = fakeProvenance(build);
    const layers = [Buffer.from(`release ${made}`)];
    const digest = await pushTestImage(registryUrl, {
      repository: REPOSITORY,
      labels: LABELS,
      provenance,
      layers,
    });
    const image = { repository: REPOSITORY, digest };
    const statements = {
      signature: signatureStatement(digest),
      sbom: statementFor(digest, PREDICATE_TYPES.sbom, { bomFormat: 'CycloneDX' }),
      provenance: statementFor(digest, PREDICATE_TYPES.provenance, provenance),
    };
    for (const [part, statement] of Object.entries(statements)) {
      if (!without.some((one) => one === part)) await attach(image, statement, input);
    }
    for (const child of without.includes('child') ? [] : await childrenOf(parts, image)) {
      await attach(child, signatureStatement(child.digest), input);
    }
    await record(image, input);
    return image;
  }

  return { release, attach };
}

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
  readonly scannedAt?: Date;
  /** Base in the provenance, in place of the signed one. */
  readonly base?: ImageRef;
  /** No channel points at it. */
  readonly unpinned?: boolean;
}

export interface Releases {
  /** A release of `shop` that went all the way to prod:stable, but for what is said. Each call makes another image. */
  release(input?: ReleaseInput): Promise<ImageRef>;
  attach(subject: ImageRef, statement: Statement, input?: ReleaseInput): Promise<void>;
}

interface Signing {
  readonly subject: ImageRef;
  readonly statement: Statement;
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

  /** Signed side by side, since the log answers at its next checkpoint; attached one after the other. */
  async function attachAll(
    signings: readonly Signing[],
    { keyId = KEY_IDS.release('eu-west-1'), edit = (bundle) => bundle }: ReleaseInput = {},
  ): Promise<void> {
    const bundles = await Promise.all(
      signings.map(async (one) => ({
        ...one,
        payload: edit(await signer.sign(keyId, one.statement, true)),
      })),
    );
    for (const { subject, statement, payload } of bundles) {
      await registry.attach({
        subject,
        artifactType: BUNDLE_ARTIFACT_TYPE,
        mediaType: BUNDLE_ARTIFACT_TYPE,
        payload,
        annotations: { [PREDICATE_TYPE_ANNOTATION]: statement.predicateType },
      });
    }
  }

  const base = {
    repository: 'bases/static',
    digest: await pushTestImage(registryUrl, {
      repository: 'bases/static',
      layers: [Buffer.from('base')],
    }),
  };
  const baseSignature = { subject: base, statement: signatureStatement(base.digest) };
  await attachAll([baseSignature], { keyId: KEY_IDS.bases });

  async function record(
    image: ImageRef,
    { scan, scannedAt = new Date(), unpinned }: ReleaseInput,
  ): Promise<void> {
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
    const at = scannedAt.toISOString();
    await ledger.recordVerdict(releaseId, `run-${made}`, 'sha256:policy', recorded, at);
    if (!unpinned) await pin(ledger, digest, now);
  }

  async function release(input: ReleaseInput = {}): Promise<ImageRef> {
    made += 1;
    const { without = [] } = input;
    const build = {
      contextPath: '/s',
      repository: REPOSITORY,
      labels: LABELS,
      bases: { static: input.base ?? base },
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
    const own = Object.entries(statements)
      .filter(([part]) => !without.some((one) => one === part))
      .map(([, statement]) => ({ subject: image, statement }));
    const children = without.includes('child') ? [] : await childrenOf(parts, image);
    const ofChildren = children.map((subject) => ({
      subject,
      statement: signatureStatement(subject.digest),
    }));
    await attachAll([...own, ...ofChildren], input);
    await record(image, input);
    return image;
  }

  return {
    release,
    attach: (subject, statement, input) => attachAll([{ subject, statement }], input),
  };
}

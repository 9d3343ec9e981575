import { signatureStatement, statementFor } from '../../activities/bundles';
import type { Digest } from '../../src/domain/digest';
import type { ImageRef } from '../../src/domain/reference';
import type { Json, Verdict } from '../../src/domain/verdict';
import {
  BUNDLE_ARTIFACT_TYPE,
  KEY_IDS,
  PREDICATE_TYPE_ANNOTATION,
  PREDICATE_TYPES,
  type Statement,
} from '../../src/ports/signer';
import type { AdmissionStack } from './admission-stack';
import { releaseStatus } from './api-fixtures';
import { pin } from './contracts/allow-list';
import { STABLE } from './contracts/ledger-builders';
import { fakeProvenance } from './fakes/builder';
import { LABELS } from './fuzz/artifact';
import { pushTestImage } from './registry-server';

interface Parts extends Pick<AdmissionStack, 'registryUrl' | 'registry' | 'signer' | 'ledger'> {
  /** Headers for a registry that asks for a login. */
  readonly login?: Readonly<Record<string, string>>;
}

type Part = 'signature' | 'sbom' | 'provenance' | 'child';

export interface ReleaseInput {
  /** Its repository is `apps/{svc}/web`; `shop` unless said. */
  readonly svc?: string;
  /** What is not attached. */
  readonly without?: readonly Part[];
  readonly keyId?: string;
  /** What becomes of a bundle before it is attached. */
  readonly edit?: (bundle: Buffer) => Buffer;
  readonly sbom?: Json;
  readonly scan?: Partial<Verdict>;
  readonly scannedAt?: Date;
  /** Base in the provenance, in place of the signed one. */
  readonly base?: ImageRef;
  /** No channel points at it. */
  readonly unpinned?: boolean;
}

export interface Releases {
  /** A release that went all the way to prod:stable, but for what is said. Each call makes another image. */
  release(input?: ReleaseInput): Promise<ImageRef>;
  /** A scan of it says no. */
  failRescan(digest: Digest): Promise<void>;
  attach(subject: ImageRef, statement: Statement, input?: ReleaseInput): Promise<void>;
}

interface Signing {
  readonly subject: ImageRef;
  readonly statement: Statement;
}

/** Images that nodes run, without what BuildKit lays beside them. */
async function childrenOf({ registry }: Parts, image: ImageRef): Promise<readonly ImageRef[]> {
  const { manifests } = await registry.getManifest(image);
  return manifests
    .filter(({ platform }) => platform?.os !== 'unknown')
    .map(({ digest }) => ({ repository: image.repository, digest }));
}

export async function createReleases(parts: Parts): Promise<Releases> {
  const { registryUrl, registry, signer, ledger, login } = parts;
  const releaseIds = new Map<Digest, string>();
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
    digest: await pushTestImage(
      registryUrl,
      { repository: 'bases/static', layers: [Buffer.from('base')] },
      login,
    ),
  };
  const baseSignature = { subject: base, statement: signatureStatement(base.digest) };
  await attachAll([baseSignature], { keyId: KEY_IDS.bases });

  async function record(
    { repository, digest }: ImageRef,
    number: number,
    { svc = 'shop', scan, scannedAt = new Date(), unpinned }: ReleaseInput,
  ): Promise<void> {
    const now = new Date(Date.now() + number).toISOString();
    const releaseId = `${svc}/1.4.${number}_abc1234`;
    const status = releaseStatus({
      releaseId,
      svc,
      repository,
      digest,
      outcome: 'released',
      stage: 'done',
    });
    releaseIds.set(digest, releaseId);
    const runId = `run-${number}`;
    await ledger.saveStatus(status, runId, 1);
    const verdict = { gate: 'scan', subject: digest, outcome: 'pass', reasons: [] } as const;
    const recorded = { ...verdict, evidence: {}, ...scan };
    const at = scannedAt.toISOString();
    await ledger.recordVerdict(releaseId, runId, 'sha256:policy', recorded, at);
    if (!unpinned) await pin(ledger, digest, now, STABLE, svc);
  }

  async function release(input: ReleaseInput = {}): Promise<ImageRef> {
    const number = (made += 1);
    const { svc = 'shop', without = [], sbom = { bomFormat: 'CycloneDX' } } = input;
    const repository = `apps/${svc}/web`;
    const build = {
      contextPath: '/s',
      repository,
      labels: LABELS,
      bases: { static: input.base ?? base },
    };
    const provenance = fakeProvenance(build);
    const layers = [Buffer.from(`release ${number}`)];
    const pushed = { repository, labels: LABELS, provenance, layers };
    const digest = await pushTestImage(registryUrl, pushed, login);
    const image = { repository, digest };
    const statements = {
      signature: signatureStatement(digest),
      sbom: statementFor(digest, PREDICATE_TYPES.sbom, sbom),
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
    await record(image, number, input);
    return image;
  }

  return {
    release,
    failRescan: async (digest) => {
      const releaseId = releaseIds.get(digest) ?? '';
      const scan = { gate: 'scan', subject: digest, outcome: 'fail', evidence: {} } as const;
      const verdict = { ...scan, reasons: ['CVE-2026-0002 in qs@6.5.2'] };
      const at = new Date().toISOString();
      await ledger.recordRescan(releaseId, `rescan ${at}`, 'sha256:policy', verdict, at);
    },
    attach: (subject, statement, input) => attachAll([{ subject, statement }], input),
  };
}

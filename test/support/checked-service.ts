import { signatureStatement, statementFor } from '../../activities/bundles';
import type { Digest } from '../../src/domain/digest';
import { appRepository, channelRepository, type Channel } from '../../src/domain/reference';
import type { Verdict } from '../../src/domain/verdict';
import {
  BUNDLE_ARTIFACT_TYPE,
  KEY_IDS,
  PREDICATE_TYPE_ANNOTATION,
  PREDICATE_TYPES,
} from '../../src/ports/signer';
import { releaseStatus } from './api-fixtures';
import { testService } from './builders';
import { createFakeDeps, type FakeDeps } from './fake-deps';
import { fakeProvenance } from './fakes/builder';

export const SVC = 'shop';
export const APP = appRepository(SVC, testService(SVC).name);

/** A service of which releases come and go, without the workflows that make them. */
export interface CheckedService {
  readonly deps: FakeDeps;
  /** A release that went all the way, but for what is said; a scan of null has never been. */
  release(version: string, scan?: Partial<Verdict> | null): Promise<Digest>;
  /** As a release moves it, or, without a release, a rollback. */
  point(channel: Channel, digest: Digest, releaseId?: string): Promise<void>;
  /** Takes its signature away behind everybody's back. */
  strip(digest: Digest): Promise<void>;
}

const PROD_STABLE: Channel = { env: 'prod', tag: 'stable' };

/** What is attached to a digest as its image signature. */
export async function loseSignature(
  { registry }: FakeDeps,
  repository: string,
  digest: Digest,
): Promise<void> {
  const referrers = await registry.listReferrers({ repository, digest }, BUNDLE_ARTIFACT_TYPE);
  for (const { digest: bundle, annotations } of referrers) {
    if (annotations?.[PREDICATE_TYPE_ANNOTATION] === PREDICATE_TYPES.signature) {
      registry.lose({ repository, digest: bundle });
    }
  }
}

export async function createCheckedService(): Promise<CheckedService> {
  const deps = await createFakeDeps({ services: [testService(SVC)] });
  const { ledger, registry, signer, rollout } = deps;
  const keyId = KEY_IDS.release(testService(SVC).region);
  let moves = 0;

  async function sign(digest: Digest, predicateType: string, payload: Buffer): Promise<void> {
    await registry.attach({
      subject: { repository: APP, digest },
      artifactType: BUNDLE_ARTIFACT_TYPE,
      mediaType: BUNDLE_ARTIFACT_TYPE,
      payload,
      annotations: { [PREDICATE_TYPE_ANNOTATION]: predicateType },
    });
  }

  async function push(version: string): Promise<Digest> {
    const build = { contextPath: '/s', repository: APP, labels: {}, bases: await deps.readBases() };
    const provenance = fakeProvenance(build);
    const digest = registry.pushImage({ repository: APP, layers: [Buffer.from(version)] });
    const statements = [
      signatureStatement(digest),
      statementFor(digest, PREDICATE_TYPES.sbom, { bomFormat: 'CycloneDX' }),
      statementFor(digest, PREDICATE_TYPES.provenance, provenance),
    ];
    for (const statement of statements) {
      await sign(digest, statement.predicateType, await signer.sign(keyId, statement, true));
    }
    return digest;
  }

  async function point(channel: Channel, digest: Digest, releaseId?: string): Promise<void> {
    moves += 1;
    const key = `move ${String(moves)}`;
    const move = {
      svc: SVC,
      channel,
      expected: (await ledger.getChannel(SVC, channel))?.digest ?? null,
      next: digest,
      epoch: await ledger.bumpEpoch(SVC, key),
      actor: 'rita',
      reason: 'test',
      idempotencyKey: key,
      ...(releaseId !== undefined && { releaseId }),
    };
    await ledger.beginMove(move);
    await ledger.completeMove(move, new Date().toISOString());
    const repository = channelRepository(SVC, channel.env);
    await registry.mount({ repository: APP, digest }, repository);
    await registry.putTag({ repository, digest }, channel.tag);
    if (channel.env !== 'prod' || channel.tag !== 'stable') return;
    const write = { svc: SVC, env: channel.env, epoch: move.epoch };
    await rollout.makeStable(write, { repository: APP, digest }, '/', 1);
  }

  async function release(version: string, scan: Partial<Verdict> | null = {}): Promise<Digest> {
    const digest = await push(version);
    const releaseId = `${SVC}/${version}_abc1234`;
    const status = releaseStatus({
      ...{ releaseId, svc: SVC, repository: APP, digest, version },
      outcome: 'released',
      stage: 'done',
    });
    await ledger.saveStatus(status, releaseId, 1);
    if (scan) {
      const verdict = { gate: 'scan', subject: digest, outcome: 'pass', reasons: [] } as const;
      const full = { ...verdict, evidence: {}, ...scan };
      await ledger.recordVerdict(releaseId, releaseId, 'x', full, new Date().toISOString());
    }
    await point(PROD_STABLE, digest, releaseId);
    return digest;
  }

  return { deps, release, point, strip: (digest) => loseSignature(deps, APP, digest) };
}

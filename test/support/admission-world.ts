import { signatureStatement, statementFor } from '../../activities/bundles';
import { createBreakGlass } from '../../src/admission/break-glass/break-glass';
import { createHourlyLimit } from '../../src/admission/break-glass/hourly-limit';
import { createAnswerCache } from '../../src/admission/cache/answer-cache';
import type {
  AdmissionDependencies,
  AllowAnswer,
  AllowQuery,
  GuardrailFindings,
} from '../../src/admission/dependencies';
import { createAdmissionMetrics } from '../../src/admission/metrics';
import { createImageVerifier } from '../../src/admission/verify/image-verifier';
import type { Snapshot } from '../../src/admission/state/standing';
import { createKeySet } from '../../src/admission/verify/key-set';
import { ReleaseError } from '../../src/contract/errors';
import type { DeniedDigest } from '../../src/domain/admission/grant';
import type { AdmissionSettings } from '../../src/domain/admission/settings';
import type { Digest } from '../../src/domain/digest';
import type { ImageRef } from '../../src/domain/reference';
import type { Block } from '../../src/domain/registry/quarantine';
import type { RevokedKey } from '../../src/domain/key-revocations';
import type { Json, Verdict } from '../../src/domain/verdict';
import type { RegistryEvent } from '../../src/ports/inventory';
import type { AuditEntry } from '../../src/ports/ledger';
import {
  BUNDLE_ARTIFACT_TYPE,
  KEY_IDS,
  PREDICATE_TYPE_ANNOTATION,
  PREDICATE_TYPES,
  type Statement,
} from '../../src/ports/signer';
import { readPods } from './admission-pods';
import { CATALOG, LABELS, POLICY, releaseStatus } from './api-fixtures';
import { fakeProvenance } from './fakes/builder';
import { createFakeKeyManagement } from './fakes/kms';
import { createFakeLedger, type FakeLedger } from './fakes/ledger';
import { createFakeRegistry, type FakeRegistry } from './fakes/registry';
import { createFakeSigner, type FakeSigner } from './fakes/signer';

export const HOST = 'registry.test:5080';
export const BUILDER_ID = 'https://builder.test/buildkit';
export const RELEASE_KEY = KEY_IDS.release('eu-west-1');

export const SETTINGS: AdmissionSettings = {
  apiVersion: 'plura.reg/v1',
  registries: [HOST, 'registry.alias'],
  deadlineMs: 2_000,
  dependencyMs: 1_000,
  verdictMaxAgeMs: 7 * 86_400_000,
  trustedSources: [],
  cache: { goodMs: 60_000, badMs: 5_000, entries: 1_000 },
  limits: {
    reviews: 8,
    bodyBytes: 64 * 1024 * 1024,
    imagesPerReview: 20,
    bundlesPerImage: 10,
    bundleBytes: 1024 * 1024,
    childrenPerImage: 5,
  },
  breakGlass: {
    groups: ['sre'],
    users: ['olga'],
    perHour: 2,
    covers: ['registry', 'ledger', 'signer', 'log'],
  },
};

type Part = 'signature' | 'sbom' | 'provenance' | 'child';

export interface ReleasedInput {
  readonly repository?: string;
  /** What is not attached. */
  readonly without?: readonly Part[];
  readonly keyId?: string;
  readonly log?: boolean;
  readonly provenance?: Json;
  /** Set: this scan verdict; null: none. */
  readonly scan?: (Partial<Verdict> & { readonly at?: string }) | null;
  /** Not written to the ledger. */
  readonly unreleased?: boolean;
  /** Makes another image. */
  readonly seed?: string;
}

/** An installation in memory that a webhook can ask. */
export interface AdmissionWorld {
  readonly registry: FakeRegistry;
  readonly signer: FakeSigner;
  readonly ledger: FakeLedger;
  readonly deps: AdmissionDependencies;
  readonly blocks: Map<Digest, Block>;
  /** As they were last read: by what `allow` says it is judged while Postgres answers. */
  readonly denied: Map<Digest, DeniedDigest>;
  readonly audited: AuditEntry[];
  readonly events: RegistryEvent[];
  readonly allowQueries: AllowQuery[];
  /** What the allow-list says; by default it lets in everything. */
  allow: Partial<AllowAnswer>;
  revision: number;
  evidenceRevision: number;
  revokedKeys: readonly RevokedKey[];
  now: Date;
  isPostgresDown: boolean;
  isAuditDown: boolean;
  guardrails: GuardrailFindings;
  /** Both clocks. */
  advance(ms: number): void;
  attach(image: ImageRef, statement: Statement, how?: AttachHow): Promise<void>;
  release(input?: ReleasedInput): Promise<ImageRef>;
}

interface AttachHow {
  readonly keyId?: string;
  readonly log?: boolean;
  readonly hint?: string | null;
}

/** As a pod names it. */
export function nameOf({ repository, digest }: ImageRef, host = HOST): string {
  return `${host}/${repository}@${digest}`;
}

export function blockOf(digest: Digest, over: Partial<Block> = {}): Block {
  return {
    digest,
    cause: digest,
    reason: 'found in the wild',
    cves: ['CVE-2026-1'],
    by: 'sam',
    at: '2026-03-01T00:00:00Z',
    graceUntil: null,
    expiresAt: null,
    ...over,
  };
}

export function deniedOf(digest: Digest, over: Partial<DeniedDigest> = {}): DeniedDigest {
  const at = '2026-03-01T00:00:00.000Z';
  return { digest, cause: digest, reason: 'leaks data', by: 'erin', at, ...over };
}

export async function createAdmissionWorld(
  over: { readonly settings?: Partial<AdmissionSettings> } = {},
): Promise<AdmissionWorld> {
  const settings = { ...SETTINGS, ...over.settings };
  const registry = createFakeRegistry();
  const signer = createFakeSigner();
  const ledger = createFakeLedger();
  const kms = createFakeKeyManagement();
  const blocks = new Map<Digest, Block>();
  const denied = new Map<Digest, DeniedDigest>();
  const audited: AuditEntry[] = [];
  const events: RegistryEvent[] = [];
  const allowQueries: AllowQuery[] = [];
  let clockMs = 0;
  let releases = 0;
  const clock = (): number => clockMs;
  const now = (): Date => world.now;
  const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const snapshot = (): Snapshot => ({
    blocks,
    denied,
    allowRevision: world.revision,
    evidenceRevision: world.evidenceRevision,
    revokedKeys: world.revokedKeys,
  });
  const down = (): ReleaseError => new ReleaseError('LEDGER_UNAVAILABLE', 'connection refused');

  async function attach(
    image: ImageRef,
    statement: Statement,
    { keyId = RELEASE_KEY, log = true, hint = statement.predicateType }: AttachHow = {},
  ): Promise<void> {
    await registry.attach({
      subject: image,
      artifactType: BUNDLE_ARTIFACT_TYPE,
      mediaType: BUNDLE_ARTIFACT_TYPE,
      payload: await signer.sign(keyId, statement, log),
      annotations: hint === null ? {} : { [PREDICATE_TYPE_ANNOTATION]: hint },
    });
  }

  const base = {
    repository: 'bases/static',
    digest: registry.pushImage({ repository: 'bases/static', layers: [Buffer.from('base')] }),
  };
  await attach(base, signatureStatement(base.digest), { keyId: KEY_IDS.bases });

  async function release(input: ReleasedInput = {}): Promise<ImageRef> {
    const { repository = 'apps/checkout/checkout', without = [], keyId, log, scan = {} } = input;
    const how = { ...(keyId !== undefined && { keyId }), ...(log !== undefined && { log }) };
    const build = { contextPath: '/s', repository, labels: LABELS, bases: { static: base } };
    const provenance = input.provenance ?? fakeProvenance(build, BUILDER_ID);
    const layers = [Buffer.from(input.seed ?? 'one')];
    const digest = registry.pushImage({ repository, labels: LABELS, provenance, layers });
    const image = { repository, digest };
    const statements = {
      signature: signatureStatement(digest),
      sbom: statementFor(digest, PREDICATE_TYPES.sbom, { bomFormat: 'CycloneDX' }),
      provenance: statementFor(digest, PREDICATE_TYPES.provenance, provenance),
    };
    for (const [part, statement] of Object.entries(statements)) {
      if (!without.some((one) => one === part)) await attach(image, statement, how);
    }
    const { manifests } = await registry.getManifest(image);
    const child = manifests.find(({ platform }) => platform?.os === 'linux')!;
    if (!without.includes('child')) {
      await attach({ repository, digest: child.digest }, signatureStatement(child.digest), how);
    }
    registry.calls.length = 0;
    releases += 1;
    const status = releaseStatus({
      releaseId: `checkout/1.4.${releases}_abc1234`,
      repository,
      digest,
      outcome: 'released',
      stage: 'done',
    });
    if (!input.unreleased) await ledger.saveStatus(status, 'run-1', 1);
    if (scan) {
      const { at = '2026-03-01T11:00:00.000Z', ...verdict } = scan;
      await ledger.recordVerdict(
        status.releaseId,
        'run-1',
        'sha256:policy',
        { gate: 'scan', subject: digest, outcome: 'pass', reasons: [], evidence: {}, ...verdict },
        at,
      );
    }
    return image;
  }

  const caching = { ...settings.cache, now, clock };
  const keys = createKeySet({ keys: kms, keyIds: [RELEASE_KEY, KEY_IDS.bases], clock });
  const deps: AdmissionDependencies = {
    workloads: { ...readPods, judgeGuardrails: () => Promise.resolve(world.guardrails) },
    allow: {
      judge: (query) => {
        allowQueries.push(query);
        if (world.isPostgresDown) return Promise.reject(down());
        const { revision } = world;
        return Promise.resolve({
          allowed: true,
          reasons: [],
          expiresAt: null,
          revision,
          ...world.allow,
        });
      },
    },
    verifier: createImageVerifier({
      registry,
      signer,
      ledger,
      keys,
      services: CATALOG,
      policy: POLICY,
      settings,
      now,
      onBug: (error) => {
        throw error;
      },
    }),
    registry,
    inReview: (work) => work(),
    standing: {
      current: () => (world.isPostgresDown ? null : snapshot()),
      fresh: () => (world.isPostgresDown ? Promise.reject(down()) : Promise.resolve(snapshot())),
      last: snapshot,
      ageMs: () => 0,
      close: () => Promise.resolve(),
    },
    keys,
    allowCache: createAnswerCache(caching),
    verificationCache: createAnswerCache(caching),
    breakGlass: createBreakGlass({
      settings: settings.breakGlass,
      limit: createHourlyLimit(settings.breakGlass.perHour, clock),
      audit: {
        off: null,
        record: (entry) => {
          if (world.isAuditDown) return Promise.reject(down());
          audited.push(entry);
          return Promise.resolve();
        },
      },
      standing: { last: snapshot },
      now,
    }),
    events: { add: (event) => events.push(event) },
    settings,
    policyHash: 'sha256:policy',
    metrics: createAdmissionMetrics(),
    log: silent,
    now,
  };
  const world: AdmissionWorld = {
    registry,
    signer,
    ledger,
    deps,
    blocks,
    denied,
    audited,
    events,
    allowQueries,
    allow: {},
    revision: 1,
    evidenceRevision: 1,
    revokedKeys: [],
    now: new Date('2026-03-01T12:00:00.000Z'),
    isPostgresDown: false,
    isAuditDown: false,
    guardrails: { denied: [], warnings: [], audited: [], unread: [] },
    advance: (ms) => {
      clockMs += ms;
      world.now = new Date(world.now.getTime() + ms);
    },
    attach,
    release,
  };
  return world;
}

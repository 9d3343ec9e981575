import { createHash } from 'node:crypto';
import type { Digest } from '../../src/domain/digest';
import type { Policy } from '../../src/domain/policy';
import type { ReleaseStatus } from '../../src/domain/release';
import type { Service } from '../../src/domain/service';

export const NOW = '2026-03-01T12:00:00.000Z';

export function fakeDigest(seed: string): Digest {
  return `sha256:${createHash('sha256').update(seed).digest('hex')}`;
}

export const CHECKOUT: Service = {
  svc: 'checkout',
  name: 'checkout',
  owner: 'team-payments',
  region: 'eu-west-1',
  healthPath: '/healthz',
  scenarios: [],
};

export const CATALOG: readonly Service[] = [CHECKOUT, { ...CHECKOUT, svc: 'cart', name: 'cart' }];

const WINDOW = { windowMs: 60_000, checkpointMs: 5000, maxExtensions: 2 };
const GUARDRAILS = { maxErrorRatio: 0.01, maxP95Ms: 500, minRequests: 50 };

export const POLICY: Policy = {
  apiVersion: 'plura.reg/v1',
  build: {
    requiredLabels: [
      'org.opencontainers.image.version',
      'org.opencontainers.image.revision',
      'plura.region',
    ],
    multiStage: true,
    refuseRoot: true,
    bases: { allow: ['bases/static'], signatureRequired: true },
    trustedBuilders: [],
  },
  scan: {
    databaseMaxAgeMs: 86_400_000,
    critical: 0,
    high: 0,
    medium: 'exception',
    unknown: 'exception',
  },
  signing: { transparencyLog: 'required' },
  canary: { ...WINDOW, stepsPercent: [5, 25, 100], guardrails: GUARDRAILS },
  observation: { ...WINDOW, windowMs: 900_000, candidatePercent: 10, guardrails: GUARDRAILS },
  approval: {
    required: true,
    roles: ['approver'],
    quorum: 1,
    timeoutMs: 3_600_000,
    approverMayBeRequester: false,
  },
  lane: { maxQueued: 5, supersede: 'pending' },
  rollback: { holdLane: true, revertKeyTtlMs: 86_400_000 },
  registry: {
    open: [],
    anonymousPull: [],
    quarantine: { spreadToParents: true, spreadToChildren: true, runningGraceMs: 3_600_000 },
    withoutDatabase: { pulls: 'serve', maxAgeMs: 300_000 },
  },
  timeouts: { releaseMs: 7_200_000, buildMs: 600_000, scanMs: 120_000, dependencyMs: 60_000 },
};

export const LABELS = {
  'org.opencontainers.image.version': '1.4.0',
  'org.opencontainers.image.revision': 'abc1234',
  'plura.region': 'eu-west-1',
};

export function releaseStatus(over: Partial<ReleaseStatus> = {}): ReleaseStatus {
  return {
    releaseId: 'checkout/1.4.0_abc1234',
    svc: 'checkout',
    repository: 'apps/checkout/checkout',
    version: '1.4.0',
    revision: 'abc1234',
    origin: { kind: 'source', path: 'checkout' },
    requestedBy: 'rita',
    requestedAt: NOW,
    stage: 'canary',
    steps: [{ stage: 'build', title: 'build', state: 'done', startedAt: NOW, endedAt: NOW }],
    verdicts: [],
    approvals: [],
    policyHash: 'sha256:policy',
    workflowId: 'release/checkout/1.4.0_abc1234',
    ...over,
  };
}

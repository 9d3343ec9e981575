import { releaseId } from '../../src/contract/ids';
import type { ReleaseRequest } from '../../src/contract/messages';
import type { Actor } from '../../src/domain/actor';
import type { Policy } from '../../src/domain/policy';
import { versionTag } from '../../src/domain/reference';
import type { Service } from '../../src/domain/service';

export const RITA: Actor = { subject: 'rita', roles: ['releaser', 'approver'] };
export const ADAM: Actor = { subject: 'adam', roles: ['approver'] };
export const ANNA: Actor = { subject: 'anna', roles: ['approver'] };
export const OLGA: Actor = { subject: 'olga', roles: ['operator'] };
export const VERA: Actor = { subject: 'vera', roles: ['viewer'] };

const GUARDRAILS = { maxErrorRatio: 0.01, maxP95Ms: 500, minRequests: 10 };

/** The standard with no waits; each test says what it waits for. */
export function testPolicy(overrides: Partial<Policy> = {}): Policy {
  return {
    apiVersion: 'plura.reg/v1',
    build: {
      requiredLabels: ['org.opencontainers.image.version', 'org.opencontainers.image.revision'],
      multiStage: true,
      refuseRoot: true,
      bases: { allow: ['bases/go', 'bases/static'], signatureRequired: true },
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
    canary: {
      // Long enough to be seen in a window, and to act in it.
      windowMs: 300,
      checkpointMs: 300,
      maxExtensions: 1,
      stepsPercent: [5, 25, 100],
      guardrails: GUARDRAILS,
    },
    observation: {
      windowMs: 300,
      checkpointMs: 300,
      maxExtensions: 1,
      candidatePercent: 10,
      guardrails: GUARDRAILS,
    },
    approval: {
      required: false,
      roles: ['approver'],
      quorum: 1,
      timeoutMs: 60_000,
      approverMayBeRequester: false,
    },
    lane: { maxQueued: 3, supersede: 'never' },
    rollback: { holdLane: true, revertKeyTtlMs: 86_400_000 },
    timeouts: { releaseMs: 120_000, buildMs: 60_000, scanMs: 60_000, dependencyMs: 20_000 },
    registry: {
      open: ['scratch'],
      anonymousPull: [],
      quarantine: { spreadToParents: true, spreadToChildren: true, runningGraceMs: 0 },
      withoutDatabase: { pulls: 'serve', maxAgeMs: 300_000 },
    },
    ...overrides,
  };
}

/** Judges nothing by metrics, so that a release is done in an instant. */
export function withoutWindows(policy = testPolicy()): Policy {
  return {
    ...policy,
    canary: { ...policy.canary, windowMs: 0 },
    observation: { ...policy.observation, windowMs: 0 },
  };
}

export function testService(svc: string): Service {
  return {
    svc,
    name: svc,
    owner: 'team-test',
    region: 'eu-west-1',
    healthPath: '/healthz',
    scenarios: [
      {
        name: 'buy',
        steps: [{ name: 'home', method: 'GET', path: '/', expect: { status: 200 } }],
      },
    ],
  };
}

export function releaseRequest(
  svc: string,
  version: string,
  overrides: Partial<ReleaseRequest> = {},
): ReleaseRequest {
  const revision = 'abc1234';
  return {
    releaseId: releaseId(svc, versionTag(version, revision)),
    service: testService(svc),
    version,
    revision,
    requestedAt: '2026-03-01T12:00:00.000Z',
    origin: { kind: 'source', path: 'shop' },
    requestedBy: RITA,
    policy: testPolicy(),
    policyHash: `sha256:${'a'.repeat(64)}`,
    ...overrides,
  };
}

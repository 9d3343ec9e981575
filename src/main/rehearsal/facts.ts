import type { AllowFacts } from '../../domain/admission/allow-facts';
import type { RecordedVerdict } from '../../domain/evidence-record';
import type { ImageRef } from '../../domain/reference';
import type { ReleaseStatus } from '../../domain/release';
import type { Service } from '../../domain/service';
import type { AllowList } from '../../ports/allow-list';
import type { Ledger } from '../../ports/ledger';

/** What a review reads from Postgres. */
export interface RehearsalFacts {
  readonly ledger: Pick<Ledger, 'releaseFacts' | 'newestScan' | 'firstSignedAt'>;
  readonly allowList: Pick<AllowList, 'facts'>;
}

interface FactParts {
  /** Asked first, so that connections are open and statements planned; what they say of an image that nobody has is not used. */
  readonly real: RehearsalFacts;
  readonly service: Service;
  readonly image: ImageRef;
  readonly now: Date;
}

function releaseOf({ service: { svc }, image }: FactParts, at: string): ReleaseStatus {
  return {
    releaseId: `${svc}/0.0.0_rehears`,
    svc,
    repository: image.repository,
    version: '0.0.0',
    revision: 'rehears',
    origin: { kind: 'digest', digest: image.digest },
    requestedBy: 'rehearsal',
    requestedAt: at,
    digest: image.digest,
    stage: 'done',
    outcome: 'released',
    steps: [],
    verdicts: [],
    approvals: [],
    policyHash: 'rehearsal',
    workflowId: 'rehearsal',
  };
}

function scanOf({ image }: FactParts, { releaseId }: ReleaseStatus, at: string): RecordedVerdict {
  return {
    releaseId,
    runId: 'rehearsal',
    policyHash: 'rehearsal',
    at,
    verdict: { gate: 'scan', subject: image.digest, outcome: 'pass', reasons: [], evidence: {} },
  };
}

function allowFactsOf(
  { image, service: { svc } }: FactParts,
  releaseId: string,
  at: string,
): AllowFacts {
  const pin = { holds: true, pinnedAt: at, replacedAt: null, newerPins: 0 };
  return {
    revision: 0,
    homes: [image.repository],
    pins: [{ svc, channel: 'prod:stable', ...pin }],
    holds: [],
    grants: [],
    denials: [],
    quarantines: [],
    bad: [],
    evidence: [{ gate: 'scan', outcome: 'pass', at, releaseId, reasons: [] }],
  };
}

/** As if the image had been released and stood at prod:stable. */
export function createRehearsalFacts(parts: FactParts): RehearsalFacts {
  const { real } = parts;
  const at = parts.now.toISOString();
  const release = releaseOf(parts, at);
  const scan = scanOf(parts, release, at);
  const facts = allowFactsOf(parts, release.releaseId, at);
  return {
    ledger: {
      releaseFacts: async (svc, digest) => {
        const { exceptions } = await real.ledger.releaseFacts(svc, digest);
        return { release, scan, exceptions };
      },
      newestScan: () => Promise.resolve(scan),
      firstSignedAt: () => Promise.resolve(null),
    },
    allowList: {
      facts: async (asked) => {
        await real.allowList.facts(asked);
        return facts;
      },
    },
  };
}

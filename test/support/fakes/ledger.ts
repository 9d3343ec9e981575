import type { Digest } from '../../../src/domain/digest';
import type { RecordedVerdict } from '../../../src/domain/evidence-record';
import { endMsOf, type GrantedException } from '../../../src/domain/exceptions/exception';
import type { ReleaseStatus } from '../../../src/domain/release';
import type {
  ActivityRetry,
  AuditEntry,
  BadDigest,
  DigestStore,
  Ledger,
  MiscStore,
  ReleaseStore,
  RetryStore,
  RevertKey,
  RevertKeyStore,
  TagStore,
  VerdictStore,
} from '../../../src/ports/ledger';
import { withCallFaults, type CallFaults } from './call-faults';
import { createFakeChannelStore } from './ledger-channels';

export interface FakeLedger extends Ledger, CallFaults {
  readonly verdicts: readonly RecordedVerdict[];
  /** Those that were approved. */
  readonly exceptions: GrantedException[];
  readonly quarantined: Set<Digest>;
  readonly audit: readonly AuditEntry[];
}

interface Run {
  readonly runId: string;
  sequence: number;
  status: ReleaseStatus;
}

function createReleaseStore(): ReleaseStore {
  // Runs of a release in the order they were first seen: the last one is what people see.
  const releases = new Map<string, Run[]>();
  const current = (): ReleaseStatus[] =>
    [...releases.values()]
      .map((runs) => runs.at(-1)!.status)
      .reverse()
      .sort((a, b) => Date.parse(b.requestedAt) - Date.parse(a.requestedAt));
  return {
    saveStatus: (status, runId, sequence) => {
      const runs = releases.get(status.releaseId) ?? [];
      releases.set(status.releaseId, runs);
      const run = runs.find((one) => one.runId === runId);
      if (!run) {
        runs.push({ runId, sequence, status });
      } else if (sequence > run.sequence) {
        Object.assign(run, { sequence, status });
      }
      return Promise.resolve();
    },
    getStatus: (releaseId) => Promise.resolve(releases.get(releaseId)?.at(-1)?.status ?? null),
    listReleases: ({ svc, since, limit }) =>
      Promise.resolve(
        current()
          .filter((status) => svc === undefined || status.svc === svc)
          .filter(
            (status) => since === undefined || Date.parse(status.requestedAt) >= Date.parse(since),
          )
          .slice(0, limit),
      ),
    findByDigest: (svc, digest) =>
      Promise.resolve(
        current().find(
          (one) =>
            one.svc === svc &&
            (one.digest ?? (one.origin.kind === 'digest' ? one.origin.digest : null)) === digest &&
            (one.outcome === undefined || one.outcome === 'released'),
        ) ?? null,
      ),
  };
}

function createVerdictStore(verdicts: RecordedVerdict[], releases: ReleaseStore): VerdictStore {
  const rescans = new WeakSet<RecordedVerdict>();
  const record =
    (isRescan: boolean): VerdictStore['recordVerdict'] =>
    (releaseId, runId, policyHash, verdict, at) => {
      const content = JSON.stringify([runId, verdict]);
      if (!verdicts.some((one) => JSON.stringify([one.runId, one.verdict]) === content)) {
        const recorded = { verdict, releaseId, runId, policyHash, at };
        verdicts.push(recorded);
        if (isRescan) rescans.add(recorded);
      }
      return Promise.resolve();
    };
  const sameQuestion = (a: RecordedVerdict, b: RecordedVerdict): boolean =>
    a.verdict.gate === b.verdict.gate && a.verdict.subject === b.verdict.subject;
  const ofDigest = async (svc: string, digest: Digest): Promise<readonly RecordedVerdict[]> => {
    const ids = (await releases.listReleases({ svc, limit: 10_000 })).map((one) => one.releaseId);
    return verdicts.filter(
      ({ releaseId, verdict }) => ids.includes(releaseId) && verdict.subject === digest,
    );
  };
  return {
    recordVerdict: record(false),
    recordRescan: record(true),
    standingVerdicts: (releaseId, runId) => {
      const all = verdicts.filter((one) => one.releaseId === releaseId);
      const run = runId ?? all.findLast((one) => !rescans.has(one))?.runId;
      const own = all.filter((one) => one.runId === run);
      const answers = all.filter(
        (one) =>
          one.runId === run ||
          (runId === undefined &&
            rescans.has(one) &&
            own.some((other) => sameQuestion(one, other))),
      );
      return Promise.resolve(
        answers
          .filter(
            (one, index) => !answers.slice(index + 1).some((later) => sameQuestion(one, later)),
          )
          .map((one) => ({
            ...one,
            judged: answers.filter((other) => sameQuestion(one, other)).length,
          }))
          .slice(0, 200),
      );
    },
    newestScan: async (svc, digest) =>
      (await ofDigest(svc, digest)).findLast(({ verdict }) => verdict.gate === 'scan') ?? null,
    firstSignedAt: async (svc, digest) =>
      (await ofDigest(svc, digest)).find(
        ({ verdict }) => verdict.gate === 'signature' && verdict.outcome === 'pass',
      )?.at ?? null,
    listVerdicts: (releaseId, limit) =>
      Promise.resolve(
        verdicts
          .filter((one) => one.releaseId === releaseId)
          .toReversed()
          .slice(0, limit)
          .map((one) => ({ ...one, verdict: { ...one.verdict, evidence: null } })),
      ),
  };
}

function createRetryStore(): RetryStore {
  const retries = new Map<string, ActivityRetry>();
  return {
    recordRetry: (retry) => {
      const key = `${retry.runId} ${retry.activityId} ${retry.attempt}`;
      retries.set(key, retries.get(key) ?? retry);
      return Promise.resolve();
    },
    listRetries: (releaseIds) =>
      Promise.resolve(
        [...retries.values()]
          .filter(({ releaseId }) => releaseIds.includes(releaseId))
          .sort((a, b) => Date.parse(a.from) - Date.parse(b.from)),
      ),
  };
}

function createRevertKeyStore(): RevertKeyStore {
  const keys = new Map<string, { key: RevertKey; secretHash: string; usedBy: string | null }>();
  return {
    issueRevertKey: (key, secretHash) => {
      if (!keys.has(key.keyId)) {
        keys.set(key.keyId, { key: { ...key, usedAt: null }, secretHash, usedBy: null });
      }
      return Promise.resolve();
    },
    findRevertKey: (secretHash) =>
      Promise.resolve(
        [...keys.values()].find((entry) => entry.secretHash === secretHash)?.key ?? null,
      ),
    getRevertKey: (keyId) => Promise.resolve(keys.get(keyId)?.key ?? null),
    useRevertKey: (keyId, usedBy, at) => {
      const entry = keys.get(keyId);
      if (!entry || (entry.usedBy !== null && entry.usedBy !== usedBy)) {
        return Promise.resolve(false);
      }
      entry.key = { ...entry.key, usedAt: entry.key.usedAt ?? at };
      entry.usedBy = usedBy;
      return Promise.resolve(true);
    },
  };
}

function createDigestStore(quarantined: ReadonlySet<Digest>): DigestStore & TagStore {
  const bad = new Map<string, BadDigest>();
  const tags = new Map<string, Digest>();
  const keyOf = (svc: string, digest: Digest): string => `${svc} ${digest}`;
  return {
    markBad: (entry) => {
      const key = keyOf(entry.svc, entry.digest);
      bad.set(key, bad.get(key) ?? entry);
      return Promise.resolve();
    },
    findBad: (svc, digest) => Promise.resolve(bad.get(keyOf(svc, digest)) ?? null),
    releaseBad: (svc, digest) => Promise.resolve(bad.delete(keyOf(svc, digest))),
    isQuarantined: (digest) => Promise.resolve(quarantined.has(digest)),
    claimTag: (image, tag) => {
      const key = `${image.repository}:${tag}`;
      tags.set(key, tags.get(key) ?? image.digest);
      return Promise.resolve(tags.get(key) === image.digest);
    },
  };
}

function createMiscStore(audit: AuditEntry[], exceptions: readonly GrantedException[]): MiscStore {
  const auditKeys = new Set<string>();
  const tokens = new Map<string, string>();
  const documents = new Map<string, string>();
  const rollbacks = new Map<string, string[]>();
  return {
    listExceptions: (svc) =>
      Promise.resolve(
        exceptions
          .filter((one) => one.svc === null || one.svc === svc)
          .sort((a, b) => endMsOf(b) - endMsOf(a)),
      ),
    appendAudit: (entry, idempotencyKey) => {
      if (!auditKeys.has(idempotencyKey)) {
        auditKeys.add(idempotencyKey);
        audit.unshift(entry);
      }
      return Promise.resolve();
    },
    listAudit: (svc, limit) =>
      Promise.resolve(audit.filter((entry) => entry.svc === svc).slice(0, limit)),
    useTokenId: (jti, _expiresAt, usedBy) => {
      const user = tokens.get(jti) ?? usedBy;
      tokens.set(jti, user);
      return Promise.resolve(user === usedBy);
    },
    nextRollbackNumber: (svc, idempotencyKey) => {
      const keys = rollbacks.get(svc) ?? [];
      rollbacks.set(svc, keys);
      if (!keys.includes(idempotencyKey)) {
        keys.push(idempotencyKey);
      }
      return Promise.resolve(keys.indexOf(idempotencyKey) + 1);
    },
    saveDocument: (kind, key, text) => {
      documents.set(`${kind} ${key}`, text);
      return Promise.resolve();
    },
    getDocument: (kind, key) => Promise.resolve(documents.get(`${kind} ${key}`) ?? null),
    ping: () => Promise.resolve(),
  };
}

/** The ledger in memory, with every rule of the port; `fail` makes it unavailable. */
export function createFakeLedger(): FakeLedger {
  const verdicts: RecordedVerdict[] = [];
  const releases = createReleaseStore();
  const audit: AuditEntry[] = [];
  const exceptions: GrantedException[] = [];
  const quarantined = new Set<Digest>();
  const verdictStore = createVerdictStore(verdicts, releases);
  const misc = createMiscStore(audit, exceptions);
  return withCallFaults({
    verdicts,
    audit,
    exceptions,
    quarantined,
    ...releases,
    ...verdictStore,
    ...createRetryStore(),
    ...createFakeChannelStore(),
    ...createRevertKeyStore(),
    ...createDigestStore(quarantined),
    ...misc,
    releaseFacts: async (svc: string, digest: Digest) => ({
      release: await releases.findByDigest(svc, digest),
      scan: await verdictStore.newestScan(svc, digest),
      exceptions: await misc.listExceptions(svc),
    }),
  });
}

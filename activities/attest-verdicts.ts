import { createHash } from 'node:crypto';
import { ReleaseError } from '../src/contract/errors';
import { canonicalJson } from '../src/contract/schema/policy';
import type { Digest } from '../src/domain/digest';
import { buildVerdictsPredicate, VERDICTS_PREDICATE_TYPE } from '../src/domain/evidence-predicate';
import type { StandingVerdict } from '../src/domain/evidence-record';
import { appRepository } from '../src/domain/reference';
import type { Service } from '../src/domain/service';
import type { Json } from '../src/domain/verdict';
import { KEY_IDS } from '../src/ports/signer';
import { attachBundle, obtainBundle, statementFor, type BundleQuery } from './bundles';
import type { Deps } from './deps';
import { currentRunId, type ReleaseRef } from './verdicts';

export interface AttestVerdictsInput {
  readonly release: ReleaseRef;
  readonly service: Pick<Service, 'svc' | 'name' | 'region'>;
  readonly version: string;
  readonly revision: string;
  readonly digest: Digest;
  /** RFC 3339: an annotation of the artifact; the statement holds no time of its own. */
  readonly createdAt: string;
  readonly transparencyLog: 'required' | 'off';
}

export interface AttestVerdictsResult {
  /** How many verdicts the attestation holds. */
  readonly verdicts: number;
  /** Those whose evidence was too large and is named by its hash. */
  readonly shortened: number;
  readonly logIndex: string | null;
}

export interface AttestVerdictsActivities {
  /**
   * Signs what stands of this run's verdicts, with their evidence, as one attestation on the digest. Done again
   * with the same verdicts it finds its own; with more verdicts it signs anew. Throws ATTESTATION_INVALID when the run
   * has recorded none, SIGNER_UNAVAILABLE, LOG_UNAVAILABLE, REGISTRY_UNAVAILABLE.
   */
  attestVerdicts(input: AttestVerdictsInput): Promise<AttestVerdictsResult>;
}

type AttestDeps = Pick<Deps, 'registry' | 'signer' | 'ledger'>;

/** What verifiers must be able to read in one piece; the evidence of a window is some 50 KiB. */
const MAX_EVIDENCE_BYTES = 2 * 1024 * 1024;
const MAX_PREDICATE_BYTES = 8 * 1024 * 1024;

export function createAttestVerdictsActivities(deps: AttestDeps): AttestVerdictsActivities {
  return { attestVerdicts: (input) => attestVerdicts(deps, input) };
}

async function attestVerdicts(
  deps: AttestDeps,
  input: AttestVerdictsInput,
): Promise<AttestVerdictsResult> {
  const { service, digest } = input;
  const repository = appRepository(service.svc, service.name);
  const { predicate, ...counts } = await buildPredicate(deps, input, repository);
  const text = canonicalJson(predicate);
  const query: BundleQuery = {
    image: { repository, digest },
    predicateType: VERDICTS_PREDICATE_TYPE,
    keyId: KEY_IDS.release(service.region),
    log: input.transparencyLog === 'required',
    accept: ({ statement }) => canonicalJson(statement.predicate) === text,
  };
  const statement = statementFor(digest, VERDICTS_PREDICATE_TYPE, predicate);
  const bundle = await obtainBundle(deps, query, statement);
  const logIndex = await attachBundle(deps, query, bundle, input.createdAt);
  return { ...counts, logIndex };
}

interface BuiltPredicate extends Omit<AttestVerdictsResult, 'logIndex'> {
  readonly predicate: Json;
}

async function buildPredicate(
  { ledger }: AttestDeps,
  { release, version, revision, digest }: AttestVerdictsInput,
  repository: string,
): Promise<BuiltPredicate> {
  const runId = currentRunId();
  const { releaseId, svc } = release;
  const recorded = await ledger.standingVerdicts(releaseId, runId);
  if (recorded.length === 0) {
    throw new ReleaseError('ATTESTATION_INVALID', `${releaseId} has no verdicts to attest`, {
      details: { remedy: 'check that the ledger is the one that the release writes to', runId },
    });
  }
  const { verdicts, shortened } = fit(recorded);
  const predicate = buildVerdictsPredicate({
    release: { id: releaseId, svc, repository, version, revision, runId },
    digest,
    verdicts,
  });
  return {
    predicate: JSON.parse(JSON.stringify(predicate)) as Json,
    verdicts: verdicts.length,
    shortened,
  };
}

/** Large evidence is named by the hash of its canonical JSON: the ledger still has it, and can't change it unseen. */
function fit(recorded: readonly StandingVerdict[]): {
  readonly verdicts: readonly StandingVerdict[];
  readonly shortened: number;
} {
  let left = MAX_PREDICATE_BYTES;
  let shortened = 0;
  const verdicts = recorded.map((one): StandingVerdict => {
    const text = canonicalJson(one.verdict.evidence);
    const bytes = Buffer.byteLength(text);
    if (bytes <= Math.min(MAX_EVIDENCE_BYTES, left)) {
      left -= bytes;
      return one;
    }
    shortened += 1;
    const sha256 = createHash('sha256').update(text).digest('hex');
    const evidence = { kept: 'in the ledger', bytes, sha256 };
    return { ...one, verdict: { ...one.verdict, evidence } };
  });
  return { verdicts, shortened };
}

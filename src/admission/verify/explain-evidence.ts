import { createTurns } from '../../contract/turns';
import {
  describeScanEvidence,
  evidenceSteps,
  type EvidenceCheck,
} from '../../domain/admission/evidence-steps';
import type { WhyStep } from '../../domain/admission/why';
import type { ImageRef } from '../../domain/reference';
import { PREDICATE_TYPES } from '../../ports/signer';
import { within } from '../time-limit';
import { createByteBudget } from './byte-budget';
import { findBundles, type Attested } from './bundles';
import { firstSeenIn } from './first-seen';
import { createImageVerifier, type ImageVerifier, type VerifierParts } from './image-verifier';
import { subjectOf, type Subject } from './subject';

/** What the webhook would find of an image beside the allow-list, told for people. Never throws. */
export type ExplainEvidence = (image: ImageRef) => Promise<readonly WhyStep[]>;

type Signed = Exclude<EvidenceCheck, 'cve'>;
type Holds = Readonly<Record<EvidenceCheck, string | null>>;

const NOTHING: Holds = { cve: null, signature: null, sbom: null, provenance: null };
/** Each may hold the evidence of one image in memory, twice. */
const PARALLEL = 4;
const NOT_ASKED = 'not asked for: its custodian keeps it';

/** By the same verifier as the webhook's, with the keys, log entries and advisories that it went by. */
export function createEvidenceExplainer(parts: VerifierParts): ExplainEvidence {
  const verifier = createImageVerifier(parts);
  const turns = createTurns(PARALLEL);
  return (image) => turns(() => explain(parts, verifier, image));
}

async function explain(
  parts: VerifierParts,
  verifier: ImageVerifier,
  image: ImageRef,
): Promise<readonly WhyStep[]> {
  const subject = subjectOf(image, parts.services);
  const [{ faults, expiresAt }, holds] = await Promise.all([
    verifier.verify(image),
    subject.kind === 'foreign' ? NOTHING : holdsOf(parts, subject),
  ]);
  // Nobody looks for more of what is refused by its name.
  if (subject.kind === 'foreign') return evidenceSteps(faults, NOTHING).slice(1, 2);
  const until = expiresAt === null || holds.cve === null ? '' : `; holds until ${expiresAt}`;
  return evidenceSteps(faults, { ...holds, cve: holds.cve === null ? null : holds.cve + until });
}

type Known = Exclude<Subject, { readonly kind: 'foreign' }>;

async function holdsOf(parts: VerifierParts, subject: Known): Promise<Holds> {
  const { dependencyMs } = parts.settings;
  const [signed, cve] = await Promise.all([
    within(describeSigned(parts, subject), dependencyMs, 'The registry').catch(() => NOTHING),
    subject.kind === 'system'
      ? NOT_ASKED
      : within(describeScan(parts, subject), dependencyMs, 'The ledger').catch(() => null),
  ]);
  return { ...signed, cve };
}

async function describeSigned(parts: VerifierParts, subject: Known): Promise<Holds> {
  const { policy, settings, registry, signer, ledger } = parts;
  const { image, keyId } = subject;
  const { signature, sbom, provenance } = PREDICATE_TYPES;
  const isReleased = subject.kind === 'release';
  const reader = {
    registry,
    signer,
    log: policy.signing.transparencyLog === 'required',
    maxBundles: settings.limits.bundlesPerImage,
    budget: createByteBudget(settings.limits.bundleBytes),
  };
  const found = await findBundles(reader, {
    image,
    keyId,
    predicateTypes: isReleased ? [signature, sbom, provenance] : [signature],
    ...(isReleased && { firstSeen: firstSeenIn(ledger, subject.service.svc, image) }),
  });
  const describe = (name: Signed): string | null =>
    isReleased || name === 'signature'
      ? toText(found.get(PREDICATE_TYPES[name]), keyId)
      : NOT_ASKED;
  return {
    cve: null,
    signature: describe('signature'),
    sbom: describe('sbom'),
    provenance: describe('provenance'),
  };
}

function toText(attested: Attested | undefined, keyId: string): string | null {
  if (attested?.ok !== true) return null;
  const { keyVersion, logIndex } = attested.bundle;
  const log = logIndex === null ? 'the log is not asked for' : `log entry ${logIndex}`;
  return `signed by version ${keyVersion} of ${keyId}; ${log}`;
}

async function describeScan(
  { ledger }: VerifierParts,
  { service, image }: Extract<Subject, { readonly kind: 'release' }>,
): Promise<string | null> {
  const record = await ledger.newestScan(service.svc, image.digest);
  if (!record) return null;
  const { outcome, evidence } = record.verdict;
  return `scan: ${outcome} at ${record.at} in ${record.releaseId}; ${describeScanEvidence(evidence)}`;
}

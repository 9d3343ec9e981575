import { inParallel } from '../src/contract/in-parallel';
import { ReleaseError } from '../src/contract/errors';
import { judgeCveVerdict, type ScanRecord } from '../src/domain/admission/cve-verdict';
import { judgeCompleteness, type CompletenessFault } from '../src/domain/completeness';
import type { Digest } from '../src/domain/digest';
import type { RecordedVerdict, StandingVerdict } from '../src/domain/evidence-record';
import { appRepository, type ImageRef } from '../src/domain/reference';
import { isRunnable } from '../src/domain/registry/runnable';
import type { Service } from '../src/domain/service';
import { KEY_IDS, PREDICATE_TYPES } from '../src/ports/signer';
import { findVerifiedBundle, type BundleQuery } from './bundles';
import type { Deps } from './deps';

export type CompletenessDeps = Pick<Deps, 'registry' | 'signer' | 'ledger' | 'now'>;

export interface CompletenessInput {
  readonly service: Pick<Service, 'svc' | 'name' | 'region'>;
  readonly digest: Digest;
  readonly transparencyLog: 'required' | 'off';
  /** A scan verdict older than this says nothing of today's vulnerabilities. */
  readonly verdictMaxAgeMs: number;
}

/** Channel moves that are looked through for the first of a digest. */
const MAX_MOVES = 1000;
/** A release that was judged over and over; the newest scan is among the newest. */
const MAX_VERDICTS = 500;
const PARALLEL = 4;

/**
 * What a released digest lacks to be run again now: manifest, blobs, attestations, a verdict that holds. Reads only; empty when it lacks nothing.
 *
 * @throws ReleaseError REGISTRY_UNAVAILABLE, LEDGER_UNAVAILABLE, SIGNER_UNAVAILABLE, LOG_UNAVAILABLE when it could not be found out
 */
export async function checkCompleteness(
  deps: CompletenessDeps,
  input: CompletenessInput,
): Promise<readonly CompletenessFault[]> {
  const { svc, name } = input.service;
  const { digest } = input;
  const image = { repository: appRepository(svc, name), digest };
  const [missing, attested, cveFault, quarantined, bad] = await Promise.all([
    deps.registry.findMissing(image),
    readAttestations(deps, input, image),
    findCveFault(deps, input),
    deps.ledger.isQuarantined(digest),
    deps.ledger.findBad(svc, digest),
  ]);
  const badReason = bad?.reason ?? null;
  return judgeCompleteness({ digest, missing, ...attested, cveFault, quarantined, badReason });
}

interface Attestations {
  readonly signature: boolean;
  readonly sbom: boolean;
  readonly provenance: boolean;
  readonly unsignedChildren: readonly Digest[];
}

async function readAttestations(
  deps: CompletenessDeps,
  { service, transparencyLog }: CompletenessInput,
  image: ImageRef,
): Promise<Attestations> {
  const keyId = KEY_IDS.release(service.region);
  const log = transparencyLog === 'required';
  const moves = await deps.ledger.history(service.svc, MAX_MOVES);
  // Verified before it entered a channel: an image signature holds though its key has been rotated since (docs/keys.md).
  const seenAt = moves.findLast(({ to }) => to === image.digest)?.at ?? null;
  const ofImage = (predicateType: string): BundleQuery => ({ image, predicateType, keyId, log });
  const [signature, sbom, provenance, children] = await Promise.all([
    isAttested(deps, { ...ofImage(PREDICATE_TYPES.signature), seenAt }),
    isAttested(deps, ofImage(PREDICATE_TYPES.sbom)),
    isAttested(deps, ofImage(PREDICATE_TYPES.provenance)),
    readChildren(deps, image),
  ]);
  const signed = await inParallel(children, PARALLEL, (child) =>
    isAttested(deps, {
      ...ofImage(PREDICATE_TYPES.signature),
      image: { ...image, digest: child },
      seenAt,
    }),
  );
  const unsignedChildren = children.filter((_, index) => !signed[index]);
  return { signature, sbom, provenance, unsignedChildren };
}

/** Evidence that is gone or broken is none; what could not be asked is thrown on. */
function isAbsent(error: unknown): boolean {
  return (
    error instanceof ReleaseError && ['DIGEST_NOT_FOUND', 'INVALID_INPUT'].includes(error.code)
  );
}

async function isAttested(deps: CompletenessDeps, query: BundleQuery): Promise<boolean> {
  try {
    return (await findVerifiedBundle(deps, query)) !== null;
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}

/** What a node may run of an index; none of an image, and none where the manifest is gone, which is told apart. */
async function readChildren({ registry }: CompletenessDeps, image: ImageRef): Promise<Digest[]> {
  try {
    const { manifests } = await registry.getManifest(image);
    return manifests.filter(isRunnable).map(({ digest }) => digest);
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}

async function findCveFault(
  deps: CompletenessDeps,
  { service: { svc }, digest, verdictMaxAgeMs: maxAgeMs }: CompletenessInput,
): Promise<string | null> {
  const [record, exceptions] = await Promise.all([
    newestScan(deps, svc, digest),
    deps.ledger.listExceptions(svc),
  ]);
  const nowMs = deps.now().getTime();
  return judgeCveVerdict({ svc, record, exceptions, maxAgeMs, nowMs }).fault;
}

/** Of whichever run of its release: a rescan is a run of its own. */
async function newestScan(
  { ledger }: CompletenessDeps,
  svc: string,
  subject: Digest,
): Promise<ScanRecord | null> {
  const release = await ledger.findByDigest(svc, subject);
  if (!release) return null;
  const { releaseId } = release;
  const isScan = ({ verdict }: RecordedVerdict | StandingVerdict): boolean =>
    verdict.gate === 'scan' && verdict.subject === subject;
  const newest = (await ledger.listVerdicts(releaseId, MAX_VERDICTS)).find(isScan);
  if (!newest) return null;
  // The list has no evidence; the standing verdict of its run is the same answer with it.
  const standing = await ledger.standingVerdicts(releaseId, newest.runId);
  const { verdict, at } = standing.find(isScan) ?? newest;
  return { outcome: verdict.outcome, reasons: verdict.reasons, evidence: verdict.evidence, at };
}

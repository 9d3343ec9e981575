import { ReleaseError } from '../../contract/errors';
import type { VerifyAnswer, VerifyCheck } from '../../contract/schema/api-verify';
import type { Digest } from '../../domain/digest';
import { checkLabels } from '../../domain/labels';
import {
  appRepository,
  channelName,
  channelRepository,
  imageReference,
  type Channel,
  type ImageRef,
} from '../../domain/reference';
import type { Service } from '../../domain/service';
import { KEY_IDS, PREDICATE_TYPES } from '../../ports/signer';
import { findAttestation } from '../attestations';
import type { ApiDependencies } from '../dependencies';
import { checkEvidence } from './check-evidence';

interface Subject {
  readonly service: Service;
  readonly digest: Digest;
  /** Set when the digest was found through a channel. */
  readonly channel: Channel | null;
  /** It does not hold without an attestation of its verdicts. */
  readonly requireVerdicts: boolean;
}

const QUARANTINED: VerifyCheck = {
  name: 'standing',
  ok: false,
  why: 'quarantined: see plura reg quarantine show',
};

/** Checks an image as it is in the registry now. A part that can't be asked is an error, never `ok`. */
export async function verifyImage(deps: ApiDependencies, subject: Subject): Promise<VerifyAnswer> {
  const { service, digest, channel, requireVerdicts } = subject;
  const image = { repository: appRepository(service.svc, service.name), digest };
  const standing = await checkMemory(deps, service, digest);
  if (standing === QUARANTINED) {
    // The gateway shows nothing of it, so there is nothing to look at.
    return answer(subject, image, [await checkVerdicts(deps, service, digest), standing]);
  }
  if ((await deps.registry.resolve(image.repository, digest)) === null) {
    throw new ReleaseError('DIGEST_NOT_FOUND', `${image.repository} has no ${digest}`, {
      details: { field: 'digest', remedy: 'check the digest' },
    });
  }
  const checks = [
    ...(channel ? [await checkChannel(deps, service, channel, digest)] : []),
    await checkComplete(deps, image),
    await checkRequiredLabels(deps, image),
    ...(await checkAttestations(deps, service, image)),
    await checkEvidence(deps, service, image, requireVerdicts),
    await checkVerdicts(deps, service, digest),
    standing,
  ];
  return answer(subject, image, checks);
}

function answer(
  { service, channel }: Subject,
  image: ImageRef,
  checks: VerifyCheck[],
): VerifyAnswer {
  return {
    image: imageReference(image),
    svc: service.svc,
    digest: image.digest,
    channel: channel && channelName(channel),
    ok: checks.every((check) => check.ok),
    checks,
  };
}

async function checkChannel(
  deps: ApiDependencies,
  { svc }: Service,
  channel: Channel,
  digest: Digest,
): Promise<VerifyCheck> {
  const held = await deps.registry.resolve(channelRepository(svc, channel.env), channel.tag);
  const same = held?.digest === digest;
  return {
    name: 'channel',
    ok: same,
    why: same ? 'registry and ledger agree' : `the registry has ${held?.digest ?? 'nothing'}`,
  };
}

async function checkComplete(deps: ApiDependencies, image: ImageRef): Promise<VerifyCheck> {
  const missing = await deps.registry.findMissing(image);
  const why = missing.length === 0 ? 'all blobs are there' : `missing: ${missing.join(', ')}`;
  return { name: 'content', ok: missing.length === 0, why };
}

async function checkRequiredLabels(deps: ApiDependencies, image: ImageRef): Promise<VerifyCheck> {
  const { labels } = await deps.registry.getImageConfig(image);
  const decision = checkLabels(labels, deps.policy.build.requiredLabels);
  const why = decision.accepted ? 'all required labels' : decision.message;
  return { name: 'labels', ok: decision.accepted, why };
}

async function checkAttestations(
  deps: ApiDependencies,
  service: Service,
  image: ImageRef,
): Promise<readonly VerifyCheck[]> {
  const keyId = KEY_IDS.release(service.region);
  const log = deps.policy.signing.transparencyLog === 'required';
  const checks: VerifyCheck[] = [];
  for (const name of ['signature', 'provenance', 'sbom'] as const) {
    const wanted = { image, keyId, predicateType: PREDICATE_TYPES[name], log };
    const found = await findAttestation(deps, wanted);
    const why = found.ok ? `signed by ${keyId}${logNote(found.bundle.logIndex)}` : found.why;
    checks.push({ name, ok: found.ok, why });
  }
  return checks;
}

function logNote(index: string | null): string {
  return index === null ? ', not logged' : `, log entry ${index}`;
}

async function checkVerdicts(
  deps: ApiDependencies,
  service: Service,
  digest: Digest,
): Promise<VerifyCheck> {
  const release = await deps.ledger.findByDigest(service.svc, digest);
  if (!release) return { name: 'verdicts', ok: false, why: 'no release of this digest' };
  const held = release.verdicts.filter((verdict) => verdict.outcome !== 'pass');
  const first = held.at(0);
  if (release.outcome === 'released') {
    return { name: 'verdicts', ok: true, why: `${release.releaseId} was released` };
  }
  const state = release.outcome ?? `under way (${release.stage})`;
  const why = first ? `; ${first.gate} ${first.subject}: ${first.reasons.join('; ')}` : '';
  return { name: 'verdicts', ok: false, why: `${release.releaseId} is ${state}${why}` };
}

async function checkMemory(
  deps: ApiDependencies,
  service: Service,
  digest: Digest,
): Promise<VerifyCheck> {
  if (await deps.ledger.isQuarantined(digest)) return QUARANTINED;
  const bad = await deps.ledger.findBad(service.svc, digest);
  if (bad) return { name: 'standing', ok: false, why: `remembered as bad: ${bad.reason}` };
  return { name: 'standing', ok: true, why: 'neither bad nor quarantined' };
}

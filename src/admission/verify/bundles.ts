import { failureReason } from '../../contract/error-reason';
import { ReleaseError } from '../../contract/errors';
import { inParallel } from '../../contract/in-parallel';
import type { Digest } from '../../domain/digest';
import type { ImageRef } from '../../domain/reference';
import type { Descriptor, Registry } from '../../ports/registry';
import {
  BUNDLE_ARTIFACT_TYPE,
  PREDICATE_TYPE_ANNOTATION,
  PREDICATE_TYPES,
  type Signer,
  type VerifiedBundle,
} from '../../ports/signer';
import { readImageName } from '../images/read-image-name';
import type { ByteBudget } from './byte-budget';
import type { FirstSeen } from './first-seen';

export interface BundleReader {
  readonly registry: Pick<Registry, 'listReferrers' | 'getArtifact'>;
  readonly signer: Pick<Signer, 'verify'>;
  /** Whether a proof of the transparency log is required. */
  readonly log: boolean;
  readonly maxBundles: number;
  readonly budget: ByteBudget;
}

export interface Wanted {
  readonly image: ImageRef;
  readonly keyId: string;
  readonly predicateTypes: readonly string[];
  /** Without it signatures count as made now. */
  readonly firstSeen?: FirstSeen;
}

export type Attested =
  | { readonly ok: true; readonly bundle: VerifiedBundle }
  /** `partial`: more is attached than was read. */
  | { readonly ok: false; readonly why: string; readonly partial: boolean };

type Read =
  | { readonly type: string; readonly bundle: VerifiedBundle }
  | { readonly type: string; readonly why: string }
  | { readonly error: unknown };

const PARALLEL = 6;

/** The types that a referrer may be: what it says, or any where registry or tool dropped the annotation. */
function typesOf(referrer: Descriptor, wanted: readonly string[]): readonly string[] {
  const hint = referrer.annotations?.[PREDICATE_TYPE_ANNOTATION];
  return hint === undefined ? wanted : wanted.filter((type) => type === hint);
}

/** A statement may say where its subject belongs; then it must be here. */
function namesAnother(
  { statement }: VerifiedBundle,
  { repository, digest }: ImageRef,
): string | null {
  const hex = digest.slice('sha256:'.length);
  const names = statement.subject
    .filter((subject) => subject.digest['sha256'] === hex)
    .flatMap(({ name }) => name ?? []);
  return names.find((name) => readImageName(name)?.repository !== repository) ?? null;
}

/** Bad evidence is no error; a registry or a key that can't be asked is. */
function isBadEvidence(error: unknown): boolean {
  return (
    error instanceof ReleaseError &&
    ['SIGNATURE_INVALID', 'INVALID_INPUT', 'DIGEST_NOT_FOUND'].includes(error.code)
  );
}

/**
 * As if made now, else, if it fails, as old as our record of the digest. That dates image signatures alone: whoever has
 * a former key could have made an attestation of the digest later (docs/keys.md).
 */
async function verifyAged(
  { signer, log }: BundleReader,
  { image, keyId, firstSeen }: Wanted,
  payload: Buffer,
  type: string,
): Promise<VerifiedBundle> {
  const expected = { subject: image.digest, predicateType: type, log };
  try {
    return await signer.verify(keyId, payload, expected);
  } catch (error) {
    if (!isBadEvidence(error) || type !== PREDICATE_TYPES.signature) throw error;
    const seenAt = (await firstSeen?.()) ?? null;
    if (seenAt === null) throw error;
    return signer.verify(keyId, payload, { ...expected, seenAt });
  }
}

async function verifyAs(
  reader: BundleReader,
  wanted: Wanted,
  payload: Buffer,
  type: string,
): Promise<Read> {
  try {
    const bundle = await verifyAged(reader, wanted, payload, type);
    const name = namesAnother(bundle, wanted.image);
    return name === null ? { type, bundle } : { type, why: `the statement is about ${name}` };
  } catch (error) {
    return isBadEvidence(error) ? { type, why: failureReason(error) } : { error };
  }
}

interface Candidate {
  readonly digest: Digest;
  readonly types: readonly string[];
}

type Fetched = { readonly payload: Buffer } | { readonly reads: readonly Read[] };

async function fetchBundle(
  { registry, budget }: BundleReader,
  { image }: Wanted,
  { digest, types }: Candidate,
): Promise<Fetched> {
  const artifact = { repository: image.repository, digest };
  try {
    return { payload: await budget.read((max) => registry.getArtifact(artifact, max)) };
  } catch (error) {
    if (!isBadEvidence(error)) return { reads: [{ error }] };
    return { reads: types.map((type) => ({ type, why: failureReason(error) })) };
  }
}

/** In the order given; the largest are begun first, since they take longest, and beside the others. */
async function verifyAll(
  reader: BundleReader,
  wanted: Wanted,
  fetched: readonly (Fetched & Pick<Candidate, 'types'>)[],
): Promise<readonly Read[]> {
  const sizeOf = (one: Fetched): number => ('payload' in one ? one.payload.length : 0);
  const begin = async (one: Fetched & Pick<Candidate, 'types'>): Promise<readonly Read[]> =>
    'reads' in one
      ? one.reads
      : Promise.all(one.types.map((type) => verifyAs(reader, wanted, one.payload, type)));
  const begun = [...fetched]
    .sort((a, b) => sizeOf(b) - sizeOf(a))
    .map(async (one) => [one, await begin(one)] as const);
  const reads = new Map<Fetched, readonly Read[]>(await Promise.all(begun));
  return fetched.flatMap((one) => reads.get(one) ?? []);
}

function attestedBy(
  type: string,
  reads: readonly Read[],
  { unread, isExceeded }: { readonly unread: number; readonly isExceeded: boolean },
): Attested {
  const found = reads.find((read) => 'bundle' in read && read.type === type);
  if (found && 'bundle' in found) return { ok: true, bundle: found.bundle };
  // What could not be read may have been the good one.
  const failed = reads.find((read) => 'error' in read);
  if (failed) throw failed.error;
  const bad = reads.findLast((read) => 'why' in read && read.type === type);
  const why = bad && 'why' in bad ? bad.why : 'nothing of this kind is attached';
  return {
    ok: false,
    why: unread > 0 ? `${why}; ${unread} more attached were not looked at` : why,
    partial: unread > 0 || isExceeded,
  };
}

/**
 * For each type the first attached bundle that verifies, else why none does: a bad one beside a good one harms nobody.
 * All are read in one pass.
 *
 * @throws ReleaseError REGISTRY_UNAVAILABLE, SIGNER_UNAVAILABLE, LOG_UNAVAILABLE
 */
export async function findBundles(
  reader: BundleReader,
  wanted: Wanted,
): Promise<ReadonlyMap<string, Attested>> {
  const referrers = await reader.registry.listReferrers(wanted.image, BUNDLE_ARTIFACT_TYPE);
  const candidates = referrers
    .map(({ digest, ...rest }) => ({
      digest,
      types: typesOf({ digest, ...rest }, wanted.predicateTypes),
    }))
    .filter(({ types }) => types.length > 0);
  const looked = candidates.slice(0, reader.maxBundles);
  const fetched = await inParallel(looked, PARALLEL, async (candidate) => ({
    ...(await fetchBundle(reader, wanted, candidate)),
    types: candidate.types,
  }));
  const reads = await verifyAll(reader, wanted, fetched);
  const extent = {
    unread: candidates.length - looked.length,
    isExceeded: reader.budget.isExceeded(),
  };
  return new Map(wanted.predicateTypes.map((type) => [type, attestedBy(type, reads, extent)]));
}

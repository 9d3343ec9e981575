import { createHash } from 'node:crypto';
import { failureReason } from '../src/contract/error-reason';
import { ReleaseError } from '../src/contract/errors';
import { claimedPredicateType } from '../src/contract/schema/bundle-type';
import type { ScanPolicy } from '../src/domain/policy';
import type { ImageRef } from '../src/domain/reference';
import { NO_VEX, type VexFacts, type VexStatement } from '../src/domain/scan/vex';
import {
  BUNDLE_ARTIFACT_TYPE,
  PREDICATE_TYPE_ANNOTATION,
  type VerifiedBundle,
} from '../src/ports/signer';
import type { Deps } from './deps';
import { isVexType, readVex } from './read-vex';

type VexDeps = Pick<Deps, 'registry' | 'signer'>;

/** Anyone who can push can attach: so many, and so large, are looked at. */
const MAX_BUNDLES = 50;
const MAX_BYTES = 4 * 1024 * 1024;

function isBadEvidence(error: unknown): error is ReleaseError {
  return (
    error instanceof ReleaseError &&
    ['SIGNATURE_INVALID', 'INVALID_INPUT', 'DIGEST_NOT_FOUND'].includes(error.code)
  );
}

interface Looked {
  readonly statements: readonly VexStatement[];
  /** Why it is not believed; null when it is, or is no VEX. */
  readonly ignored: string | null;
  /** A trusted key signed what can't be read: it may take back what the others say. */
  readonly unread?: true;
}

const NOTHING: Looked = { statements: [], ignored: null };

/** By the first trusted key that made it. */
async function verify(
  { signer }: VexDeps,
  payload: Buffer,
  { digest }: ImageRef,
  predicateType: string,
  keys: readonly string[],
): Promise<{ readonly keyId: string; readonly bundle: VerifiedBundle } | string> {
  let why = 'no key is trusted';
  for (const keyId of keys) {
    try {
      const expected = { subject: digest, predicateType, log: false, seenAt: null };
      return { keyId, bundle: await signer.verify(keyId, payload, expected) };
    } catch (error) {
      if (!isBadEvidence(error)) throw error;
      why = `${keyId}: ${failureReason(error)}`;
    }
  }
  return why;
}

async function look(
  deps: VexDeps,
  image: ImageRef,
  referrer: ImageRef,
  keys: readonly string[],
): Promise<Looked> {
  const { payload } = await deps.registry.getArtifact(referrer, MAX_BYTES);
  const predicateType = claimedPredicateType(payload);
  if (predicateType === null || !isVexType(predicateType)) return NOTHING;
  const source = `sha256:${createHash('sha256').update(payload).digest('hex')}`;
  const ignored = (why: string): Looked => ({ statements: [], ignored: `VEX ${source}: ${why}` });
  const verified = await verify(deps, payload, image, predicateType, keys);
  if (typeof verified === 'string') return ignored(`not signed by a trusted key, ${verified}`);
  const { keyId, bundle } = verified;
  const { predicate } = bundle.statement;
  const statements = readVex(predicateType, predicate, image.digest, { keyId, source });
  return statements === null
    ? {
        ...ignored(
          `${keyId} signed it, but it is no OpenVEX and no CycloneDX VEX document: none counts`,
        ),
        unread: true,
      }
    : { statements, ignored: null };
}

/**
 * What signed VEX documents on the image say, of keys that the policy trusts; all others are told and say nothing. Never by the
 * scanner, which believes whoever can push.
 *
 * @throws ReleaseError REGISTRY_UNAVAILABLE, SIGNER_UNAVAILABLE
 */
export async function findVex(
  deps: VexDeps,
  image: ImageRef,
  { vex }: Pick<ScanPolicy, 'vex'>,
): Promise<VexFacts> {
  if (!vex) return NO_VEX;
  const referrers = await deps.registry.listReferrers(image, BUNDLE_ARTIFACT_TYPE);
  // The fallback tag of registries without a referrers API drops annotations: then look inside.
  const likely = referrers.filter(({ annotations }) => {
    const stated = annotations?.[PREDICATE_TYPE_ANNOTATION];
    return stated === undefined || isVexType(stated);
  });
  const found: Looked[] = [];
  for (const { digest } of likely.slice(0, MAX_BUNDLES)) {
    try {
      found.push(await look(deps, image, { repository: image.repository, digest }, vex.keys));
    } catch (error) {
      if (!isBadEvidence(error)) throw error;
      found.push({ statements: [], ignored: `${digest}: ${failureReason(error)}` });
    }
  }
  const more = likely.length - MAX_BUNDLES;
  // What was not looked at may take back what was: whoever can push could crowd it out.
  const isWhole = more <= 0 && !found.some(({ unread }) => unread);
  return {
    statements: isWhole ? found.flatMap(({ statements }) => statements) : [],
    ignored: [
      ...found.flatMap(({ ignored }) => ignored ?? []),
      ...(more > 0 ? [`${more} more bundles are attached than are looked at: none counts`] : []),
    ],
  };
}

import type { Digest } from './digest';
import { imageName, type BuildRefusal } from './dockerfile';
import type { BuildPolicy } from './policy';

/** A base pinned to what it must resolve to. */
export interface PinnedBase {
  readonly repository: string;
  readonly digest: Digest;
  /** Older ones of it, for who names their digest. */
  readonly alsoHeld?: readonly Digest[];
}

export interface BaseFacts {
  /** As the Dockerfile writes it, or the repository in the provenance. */
  readonly name: string;
  /** Null when the catalogue of bases has no digest for it. */
  readonly pinned: PinnedBase | null;
  /** Whether the pinned digest has a valid signature of the base custodian's key. */
  readonly signed: boolean;
}

/** The pin for an image a Dockerfile names: the plain name, or the same name with a digest that is held of it. */
export function pinBase(
  image: string,
  catalogue: Readonly<Record<string, PinnedBase>>,
): PinnedBase | null {
  const name = imageName(image);
  const pinned = Object.hasOwn(catalogue, name) ? catalogue[name] : undefined;
  if (!pinned) {
    return null;
  }
  if (image === name || image === `${name}@${pinned.digest}`) {
    return pinned;
  }
  const older = pinned.alsoHeld?.find((digest) => image === `${name}@${digest}`);
  return older ? { repository: pinned.repository, digest: older } : null;
}

function refuse(message: string, remedy: string): BuildRefusal {
  return { code: 'BASE_REFUSED', message, remedy };
}

function refuseBase(facts: BaseFacts, policy: BuildPolicy['bases']): BuildRefusal | null {
  const { name, pinned, signed } = facts;
  const allowed = policy.allow.join(', ') || 'none';
  if (!policy.allow.includes(pinned?.repository ?? imageName(name))) {
    return refuse(`The base image "${name}" is not on the allow-list.`, `Use one of: ${allowed}.`);
  }
  if (!pinned) {
    return refuse(
      `The base image "${name}" is not pinned to a digest we hold.`,
      `Write "${imageName(name)}" alone, and see that the base was imported.`,
    );
  }
  if (policy.signatureRequired && !signed) {
    return refuse(
      `The base image ${pinned.repository}@${pinned.digest} has no valid signature of the base custodian.`,
      'Import the base again, so that it is checked and signed.',
    );
  }
  return null;
}

/** Allow-listed, pinned by digest, signed: what fails is named, all of it. */
export function refuseBases(
  bases: readonly BaseFacts[],
  policy: BuildPolicy['bases'],
): readonly BuildRefusal[] {
  return bases.flatMap((facts) => refuseBase(facts, policy) ?? []);
}

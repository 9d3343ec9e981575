import { slsaErrors } from '../../contract/schema/slsa';
import { judgeSource } from '../../domain/admission/source';
import type { Digest } from '../../domain/digest';
import type { BuildPolicy } from '../../domain/policy';
import { baseMaterials, judgeProvenance } from '../../domain/provenance';
import type { Json } from '../../domain/verdict';
import { lapsed, type Finding } from './finding';
import type { SignedBases } from './signed-bases';

export interface ProvenanceRules {
  readonly policy: Pick<BuildPolicy, 'trustedBuilders' | 'bases'>;
  readonly trustedSources: readonly string[];
  readonly bases: SignedBases;
}

/** More bases than any build has; each costs the registry reads. */
const MAX_BASES = 20;

async function signedBases(
  { policy, bases }: ProvenanceRules,
  predicate: Json,
): Promise<readonly Digest[]> {
  if (!policy.bases.signatureRequired) return [];
  const pinned = baseMaterials(predicate)
    .flatMap(({ repository, digest }) =>
      digest && policy.bases.allow.includes(repository) ? [{ repository, digest }] : [],
    )
    .slice(0, MAX_BASES);
  const signed = await Promise.all(pinned.map((base) => bases.isSigned(base)));
  return pinned.filter((_, index) => signed[index]).map(({ digest }) => digest);
}

/** Who built it, from which source and bases: by the rules of the release gate, on what was signed. */
export async function checkProvenance(
  rules: ProvenanceRules,
  digest: Digest,
  predicate: Json,
): Promise<Finding> {
  const verdict = judgeProvenance({
    subject: digest,
    predicate,
    schemaErrors: slsaErrors(predicate),
    policy: rules.policy,
    signedBases: await signedBases(rules, predicate),
  });
  const source = judgeSource(predicate, rules.trustedSources);
  // It was judged so once before, by the rules of that day and with the bases that were there.
  return lapsed('provenance', ...verdict.reasons, ...(source === null ? [] : [source]));
}

import { ReleaseError } from '../src/contract/errors';
import { slsaErrors } from '../src/contract/schema/slsa';
import type { Digest } from '../src/domain/digest';
import { baseMaterials, judgeProvenance } from '../src/domain/provenance';
import { appRepository } from '../src/domain/reference';
import type { Json, Verdict } from '../src/domain/verdict';
import { signedBasesOf } from './bases';
import type { ObtainImageInput } from './build';
import { buildLabels } from './build-labels';
import type { Deps } from './deps';
import { readBuildProvenance } from './read-provenance';
import { recordVerdict } from './verdicts';

export interface CheckProvenanceInput extends ObtainImageInput {
  readonly digest: Digest;
  /** Set when we built it: then the provenance must say that it did what we asked. */
  readonly built?: {
    readonly path: string;
    readonly bases: readonly Digest[];
    readonly writtenBy: readonly string[];
  };
}

export interface ProvenanceActivities {
  checkProvenance(input: CheckProvenanceInput): Promise<Verdict>;
}

type ProvenanceDeps = Pick<
  Deps,
  'baseCatalogue' | 'registry' | 'signer' | 'ledger' | 'now' | 'builderId'
>;

export function createProvenanceActivities(deps: ProvenanceDeps): ProvenanceActivities {
  return { checkProvenance: (input) => checkProvenance(deps, input) };
}

async function checkProvenance(
  deps: ProvenanceDeps,
  input: CheckProvenanceInput,
): Promise<Verdict> {
  const { release, service, digest, policy, built } = input;
  const image = { repository: appRepository(service.svc, service.name), digest };
  const read = await readPredicate(deps, image);
  if (!read.ok) {
    return recordVerdict(deps, release, {
      gate: 'provenance',
      subject: digest,
      outcome: 'fail',
      reasons: [read.reason],
      evidence: {},
    });
  }
  const { predicate } = read;
  const pinned = baseMaterials(predicate).flatMap(({ repository, digest: base }) =>
    base && policy.bases.allow.includes(repository) ? [{ repository, digest: base }] : [],
  );
  const signedBases = policy.bases.signatureRequired
    ? await signedBasesOf(deps, pinned, input.transparencyLog === 'required')
    : [];
  const verdict = judgeProvenance({
    subject: digest,
    predicate,
    schemaErrors: predicate === null ? [] : slsaErrors(predicate),
    policy,
    signedBases,
    withdrawnBases: await withdrawnBases(deps),
    ...(built && {
      request: {
        builderId: deps.builderId,
        bases: built.bases,
        labels: buildLabels({ ...input, ...built }),
      },
    }),
  });
  if (verdict.outcome === 'pass') await recordUse(deps, input, predicate);
  return recordVerdict(deps, release, verdict);
}

async function withdrawnBases({
  baseCatalogue,
}: Pick<Deps, 'baseCatalogue'>): Promise<readonly Digest[]> {
  const all = await baseCatalogue.list();
  return all.flatMap(({ digest, withdrawnAt }) => (withdrawnAt === null ? [] : [digest]));
}

/** What the image stands on, so that a newer base or an advisory finds it. */
async function recordUse(
  { baseCatalogue }: Pick<Deps, 'baseCatalogue'>,
  { release, service, digest }: CheckProvenanceInput,
  predicate: Json | null,
): Promise<void> {
  const image = { svc: service.svc, releaseId: release.releaseId, digest };
  await baseCatalogue.recordUse(
    baseMaterials(predicate).flatMap(({ repository: baseRepository, digest: baseDigest }) =>
      baseDigest ? [{ ...image, baseRepository, baseDigest }] : [],
    ),
  );
}

type Read =
  | { readonly ok: true; readonly predicate: Json | null }
  | { readonly ok: false; readonly reason: string };

async function readPredicate(
  { registry }: ProvenanceDeps,
  image: { readonly repository: string; readonly digest: Digest },
): Promise<Read> {
  try {
    return { ok: true, predicate: await readBuildProvenance(registry, image) };
  } catch (error) {
    if (error instanceof ReleaseError && error.code === 'ATTESTATION_INVALID') {
      return { ok: false, reason: error.message };
    }
    throw error;
  }
}

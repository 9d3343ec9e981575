import { ReleaseError } from '../../contract/errors';
import type { WhyView } from '../../contract/schema/api-allow';
import { judgeAllowed } from '../../domain/admission/allow-list';
import { allowListOf } from '../../domain/admission/allow-policy';
import { evidenceStateOf } from '../../domain/admission/evidence-steps';
import type { ImageName } from '../../domain/admission/image-name';
import { explainDecision } from '../../domain/admission/why';
import type { Digest } from '../../domain/digest';
import type { ApiDependencies } from '../dependencies';
import { readImageName } from './read-image';

type WhyDeps = Pick<
  ApiDependencies,
  'allowList' | 'registry' | 'policy' | 'explainEvidence' | 'now'
>;
type Step = WhyView['steps'][number];

const REMEDY = 'name the image by its digest: {repository}@sha256:…';

/** @throws ReleaseError INVALID_INPUT, TAG_NOT_FOUND, LEDGER_UNAVAILABLE, REGISTRY_UNAVAILABLE */
export async function explainImage(
  deps: WhyDeps,
  image: string,
  namespace: string,
): Promise<WhyView> {
  const name = readImageName(image);
  const { repository } = name;
  const digest = name.digest ?? (await resolveTag(deps, name));
  const [facts, evidence] = await Promise.all([
    deps.allowList.facts({ repository, digest }),
    deps.explainEvidence({ repository, digest }),
  ]);
  const now = deps.now();
  const query = { repository, digest, namespace, nowMs: now.getTime() };
  const decision = judgeAllowed(facts, allowListOf(deps.policy), query);
  const { environment, allowed, expiresAt, revision } = decision;
  return {
    image,
    repository,
    digest,
    namespace,
    environment,
    allowed,
    evidence: evidenceStateOf(evidence),
    expiresAt,
    at: now.toISOString(),
    revision,
    steps: [digestStep(name, digest), ...explainDecision(decision, facts, namespace, evidence)],
  };
}

async function resolveTag(
  { registry }: Pick<WhyDeps, 'registry'>,
  { repository, tag }: ImageName,
): Promise<Digest> {
  if (tag === null) {
    throw new ReleaseError('INVALID_INPUT', `${repository} names neither a digest nor a tag`, {
      details: { field: 'image', remedy: REMEDY },
    });
  }
  const found = await registry.resolve(repository, tag);
  if (found) return found.digest;
  throw new ReleaseError('TAG_NOT_FOUND', `${repository} has no tag ${tag}`, {
    details: { field: 'image', remedy: REMEDY },
  });
}

/** The rest of the chain is of the digest; of a tag it is what it points at now. */
function digestStep({ digest }: ImageName, resolved: Digest): Step {
  return digest === null
    ? { check: 'digest', state: 'none', text: `a tag, which points at ${resolved} now` }
    : { check: 'digest', state: 'ok', text: 'named by its digest' };
}

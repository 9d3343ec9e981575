import { ReleaseError } from '../../contract/errors';
import type { WhyView } from '../../contract/schema/api-allow';
import { judgeAllowed } from '../../domain/admission/allow-list';
import { allowListOf } from '../../domain/admission/allow-policy';
import { evidenceStateOf } from '../../domain/admission/evidence-steps';
import type { ImageName } from '../../domain/admission/image-name';
import { environmentOf } from '../../domain/admission/namespaces';
import { explainDecision } from '../../domain/admission/why';
import type { Digest } from '../../domain/digest';
import type { ApiDependencies } from '../dependencies';
import { readImageName } from './read-image';
import { registryStep } from './registry-step';

type WhyDeps = Pick<
  ApiDependencies,
  'allowList' | 'registry' | 'policy' | 'explainEvidence' | 'registryNames' | 'now'
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
  const place = registryStep(name, deps.registryNames);
  const about = { image, repository: name.repository, namespace, at: deps.now().toISOString() };
  // As admission, which looks no further: what our own registry and ledger have is not about this image.
  if (place.state === 'blocks')
    return { ...about, ...(await refused(deps, name, place, namespace)) };
  return { ...about, ...(await explained(deps, name, place, namespace)) };
}

type Found = Omit<WhyView, 'image' | 'repository' | 'namespace' | 'at'>;

async function refused(
  { allowList, policy }: WhyDeps,
  { digest }: ImageName,
  place: Step,
  namespace: string,
): Promise<Found> {
  return {
    digest,
    environment: environmentOf(namespace, allowListOf(policy).namespaces),
    allowed: false,
    evidence: 'unknown',
    expiresAt: null,
    revision: (await allowList.revisions()).allowList,
    steps: [place],
  };
}

async function explained(
  deps: WhyDeps,
  name: ImageName,
  place: Step,
  namespace: string,
): Promise<Found> {
  const { repository } = name;
  const digest = name.digest ?? (await resolveTag(deps, name));
  const [facts, evidence] = await Promise.all([
    deps.allowList.facts({ repository, digest }),
    deps.explainEvidence({ repository, digest }),
  ]);
  const query = { repository, digest, namespace, nowMs: deps.now().getTime() };
  const decision = judgeAllowed(facts, allowListOf(deps.policy), query);
  const { environment, allowed, expiresAt, revision } = decision;
  const chain = explainDecision(decision, facts, namespace, evidence);
  return {
    digest,
    environment,
    allowed,
    evidence: evidenceStateOf([place, ...evidence]),
    expiresAt,
    revision,
    steps: [place, digestStep(name, digest), ...chain],
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

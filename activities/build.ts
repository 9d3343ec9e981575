import { ReleaseError } from '../src/contract/errors';
import { parseDockerfile } from '../src/contract/schema/dockerfile';
import { pinBase, refuseBases, type PinnedBase } from '../src/domain/bases';
import type { Digest } from '../src/domain/digest';
import { inspectDockerfile, type BuildRefusal } from '../src/domain/dockerfile';
import { labelsToHold } from '../src/domain/labels';
import type { BuildPolicy } from '../src/domain/policy';
import { appRepository } from '../src/domain/reference';
import type { Service } from '../src/domain/service';
import type { Json, Verdict } from '../src/domain/verdict';
import type { BuildInput } from '../src/ports/builder';
import { isSignedBase } from './bases';
import { buildLabels } from './build-labels';
import type { Deps } from './deps';
import { heartbeating } from './heartbeat';
import { inspectImage } from './inspect-image';
import { findSource, readDockerfileText } from './source';
import { recordVerdict, type ReleaseRef } from './verdicts';

export interface ObtainImageInput {
  readonly release: ReleaseRef;
  readonly service: Service;
  readonly version: string;
  readonly revision: string;
  readonly requestedAt: string;
  /** Of a build: who wrote the commit, as the request says. */
  readonly author?: string;
  readonly policy: BuildPolicy;
  readonly transparencyLog: 'required' | 'off';
}

export interface BuildImageInput extends ObtainImageInput {
  /** Below the source root. */
  readonly path: string;
}

export interface AdoptImageInput extends ObtainImageInput {
  readonly digest: Digest;
}

export interface ObtainImageResult {
  readonly verdict: Verdict;
  /** Absent when there is nothing to go on with. */
  readonly digest?: Digest;
  /** Digests of the bases the build was given. */
  readonly bases?: readonly Digest[];
  /** Of a build: who wrote the commit, as git says of its folder. */
  readonly writtenBy?: readonly string[];
}

export interface BuildActivities {
  /** Throws SOURCE_NOT_FOUND, BUILDER_UNAVAILABLE, REGISTRY_UNAVAILABLE, LEDGER_UNAVAILABLE. */
  buildImage(input: BuildImageInput): Promise<ObtainImageResult>;
  /** An image CI has pushed: looked at as closely as one of our own. Throws DIGEST_NOT_FOUND. */
  adoptImage(input: AdoptImageInput): Promise<ObtainImageResult>;
}

type BuildDeps = Pick<
  Deps,
  | 'builder'
  | 'registry'
  | 'signer'
  | 'ledger'
  | 'sourceRoot'
  | 'readAuthor'
  | 'readBases'
  | 'readCommitTime'
  | 'readRevision'
  | 'now'
>;

type Bases = Readonly<Record<string, PinnedBase>>;

export function createBuildActivities(deps: BuildDeps): BuildActivities {
  return {
    buildImage: (input) => buildImage(deps, input),
    adoptImage: (input) => adoptImage(deps, input),
  };
}

async function buildImage(deps: BuildDeps, input: BuildImageInput): Promise<ObtainImageResult> {
  const folder = await findSource(deps.sourceRoot, input.path);
  const text = await readDockerfileText(folder, input.path);
  const { bases, refusals } = await judgeDockerfile(deps, input, text);
  if (refusals.length > 0) return refuse(deps, input, input.path, refusals);

  const writtenBy = await readWriters(deps, folder, input.revision);
  const labels = buildLabels({ ...input, writtenBy });
  const sourceDate = await deps.readCommitTime(folder, input.revision);
  const given = {
    ...{ contextPath: folder, dockerfile: text, bases, labels },
    ...(sourceDate !== null && { sourceDate }),
  };
  const built = await runBuild(deps, input, given);
  if (!built.done) return refuse(deps, input, input.path, [{ message: built.reason, remedy: '' }]);

  const { digest } = built;
  const faults = await inspectImage(deps, { ...input, digest, expectedLabels: labels });
  if (faults.length > 0) return { ...(await refuse(deps, input, digest, faults)), digest };
  const pins = Object.values(bases).map((base) => base.digest);
  const verdict = await pass(deps, input, digest, { source: input.path, bases: pins });
  return { verdict, digest, bases: pins, writtenBy };
}

/**
 * Who wrote the revision, and who wrote what the folder is at, which the request might not name. Nobody where git does not know the
 * revision.
 */
async function readWriters(
  { readAuthor, readRevision }: BuildDeps,
  folder: string,
  revision: string,
): Promise<readonly string[]> {
  const author = await readAuthor(folder, revision);
  if (author === null) return [];
  const head = await readRevision(folder);
  const last = head === null ? null : await readAuthor(folder, head);
  return last === null || last === author ? [author] : [author, last];
}

async function judgeDockerfile(
  deps: BuildDeps,
  { policy, transparencyLog }: BuildImageInput,
  text: string,
): Promise<{ readonly bases: Bases; readonly refusals: readonly BuildRefusal[] }> {
  const { images, refusals } = inspectDockerfile(parseDockerfile(text), policy);
  const log = transparencyLog === 'required';
  const held = await deps.readBases();
  const facts = await Promise.all(
    images.map(async (name) => {
      const pinned = pinBase(name, held);
      const check = pinned !== null && policy.bases.signatureRequired;
      return { name, pinned, signed: check && (await isSignedBase(deps, pinned, log)) };
    }),
  );
  const bases = facts.flatMap(({ name, pinned }) => (pinned ? [[name, pinned] as const] : []));
  return {
    bases: Object.fromEntries(bases),
    refusals: [...refusals, ...refuseBases(facts, policy.bases)],
  };
}

type Built =
  | { readonly done: true; readonly digest: Digest }
  | { readonly done: false; readonly reason: string };

async function runBuild(
  deps: BuildDeps,
  input: BuildImageInput,
  given: Pick<BuildInput, 'contextPath' | 'dockerfile' | 'bases' | 'labels' | 'sourceDate'>,
): Promise<Built> {
  const { svc, name } = input.service;
  try {
    const { digest } = await heartbeating((signal, onProgress) =>
      deps.builder.build({
        ...given,
        repository: appRepository(svc, name),
        signal,
        onProgress,
      }),
    );
    return { done: true, digest };
  } catch (error) {
    // The Dockerfile's fault is bad news, not an error.
    if (error instanceof ReleaseError && error.code === 'BUILD_FAILED') {
      return { done: false, reason: error.message };
    }
    throw error;
  }
}

async function adoptImage(deps: BuildDeps, input: AdoptImageInput): Promise<ObtainImageResult> {
  const { digest, release, policy } = input;
  const { releaseId } = release;
  const faults = await inspectImage(deps, {
    ...input,
    expectedLabels: labelsToHold({ ...input, releaseId }, policy.requiredLabels),
  });
  if (faults.length > 0) return { ...(await refuse(deps, input, digest, faults)), digest };
  return { verdict: await pass(deps, input, digest, { adopted: true }), digest };
}

async function refuse(
  deps: BuildDeps,
  { release }: ObtainImageInput,
  subject: string,
  faults: readonly { readonly message: string; readonly remedy: string }[],
): Promise<ObtainImageResult> {
  const reasons = faults.map(({ message, remedy }) => `${message} ${remedy}`.trim());
  const verdict = await recordVerdict(deps, release, {
    gate: 'build',
    subject,
    outcome: 'fail',
    reasons,
    evidence: { faults: faults.length },
  });
  return { verdict };
}

function pass(
  deps: BuildDeps,
  { release }: ObtainImageInput,
  subject: string,
  evidence: Json,
): Promise<Verdict> {
  return recordVerdict(deps, release, {
    gate: 'build',
    subject,
    outcome: 'pass',
    reasons: [],
    evidence,
  });
}

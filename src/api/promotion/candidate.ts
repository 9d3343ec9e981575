import { ReleaseError, type ErrorCode } from '../../contract/errors';
import { releaseId, type ReleaseId } from '../../contract/ids';
import type { PromoteRequest } from '../../contract/schema/api-promotion';
import type { Digest } from '../../domain/digest';
import {
  appRepository,
  channelName,
  isGitSha,
  isSemver,
  versionTag,
  type Channel,
  type ImageRef,
} from '../../domain/reference';
import type { ReleaseOrigin } from '../../domain/release';
import type { Service } from '../../domain/service';
import {
  findServiceByRepository,
  parseChannelInput,
  parseDigestInput,
  refuseLatest,
} from '../checks/inputs';
import type { ApiDependencies } from '../dependencies';
import { quarantined } from './quarantined';

/** What a promotion is about, once its input made sense. */
export interface Candidate {
  readonly service: Service;
  readonly repository: string;
  readonly origin: ReleaseOrigin;
  readonly version: string;
  readonly revision: string;
  readonly releaseId: ReleaseId;
  readonly digest: Digest | null;
  /** Who wrote the commit, as the request for a build says; null for a digest, whose provenance and labels say it. */
  readonly author: string | null;
  /** Labels of the digest; empty for a build, which sets them. */
  readonly labels: Readonly<Record<string, string>>;
  /** Text of the Dockerfile; null for a digest. */
  readonly dockerfile: string | null;
}

const LABELS = {
  version: 'org.opencontainers.image.version',
  revision: 'org.opencontainers.image.revision',
} as const;

const REFUSALS: readonly ErrorCode[] = ['FORBIDDEN', 'QUARANTINED'];

/** Throws the first thing that makes it impossible to say what is asked for, with its field. */
export async function readCandidate(
  deps: ApiDependencies,
  request: PromoteRequest,
): Promise<Candidate> {
  const service = findServiceByRepository(deps.catalog, request.repo);
  requireStable(parseChannelInput(request.to, 'to'));
  const repository = appRepository(service.svc, service.name);
  const from = request.from === undefined ? null : parseChannelInput(request.from, 'from');
  if (request.source) {
    if (request.digest !== undefined || from) {
      throw invalid('source', 'Give either source or digest, not both');
    }
    return readSource(deps, service, repository, request.source);
  }
  const digest = await readDigest(deps, service, request.digest, from);
  return readImage(deps, service, repository, digest);
}

function requireStable(to: Channel): void {
  if (channelName(to) === 'prod:stable') return;
  throw invalid('to', `A release goes through to prod:stable, not to ${channelName(to)}`);
}

async function readDigest(
  deps: ApiDependencies,
  service: Service,
  given: string | undefined,
  from: Channel | null,
): Promise<Digest> {
  const digest = given === undefined ? null : parseDigestInput(given, 'digest');
  if (!from) {
    if (digest) return digest;
    throw invalid('digest', 'Nothing to promote: give digest, source, or from');
  }
  const held = (await deps.ledger.getChannel(service.svc, from))?.digest ?? null;
  if (held === null) throw invalid('from', `${channelName(from)} of ${service.svc} is empty`);
  if (digest && digest !== held) {
    throw new ReleaseError('CHANNEL_MOVED', `${channelName(from)} holds ${held}, not ${digest}`, {
      details: { field: 'from', remedy: 'look at the channel again, then promote what it holds' },
    });
  }
  return held;
}

async function readSource(
  deps: ApiDependencies,
  service: Service,
  repository: string,
  source: NonNullable<PromoteRequest['source']>,
): Promise<Candidate> {
  refuseLatest(source.version, 'source.version');
  if (!isSemver(source.version)) {
    throw invalid('source.version', `"${source.version}" is not a semantic version such as 1.4.0`);
  }
  if (!isGitSha(source.revision)) {
    throw invalid('source.revision', `"${source.revision}" is not a commit: 7 to 40 hex digits`);
  }
  const folder = await deps.sources.inspect(source.path);
  return {
    service,
    repository,
    origin: { kind: 'source', path: folder.path },
    version: source.version,
    revision: source.revision,
    releaseId: releaseId(service.svc, versionTag(source.version, source.revision)),
    digest: null,
    author: source.author ?? null,
    labels: {},
    dockerfile: folder.dockerfile,
  };
}

async function readImage(
  deps: ApiDependencies,
  service: Service,
  repository: string,
  digest: Digest,
): Promise<Candidate> {
  const labels = await readLabels(deps, { repository, digest });
  const { version, revision } = readVersion(labels);
  return {
    service,
    repository,
    origin: { kind: 'digest', digest },
    version,
    revision,
    releaseId: releaseId(service.svc, versionTag(version, revision)),
    digest,
    author: null,
    labels,
    dockerfile: null,
  };
}

async function readLabels(
  { registry, ledger }: ApiDependencies,
  image: ImageRef,
): Promise<Readonly<Record<string, string>>> {
  const { repository, digest } = image;
  try {
    if ((await registry.resolve(repository, digest)) !== null) {
      return (await registry.getImageConfig(image)).labels;
    }
  } catch (error) {
    // The gateway shows nothing of what is quarantined, and an answer to HEAD can't say why.
    const isRefusal = error instanceof ReleaseError && REFUSALS.includes(error.code);
    if (isRefusal && (await ledger.isQuarantined(digest))) throw quarantined(digest);
    throw error;
  }
  throw new ReleaseError('DIGEST_NOT_FOUND', `${repository} has no ${digest}`, {
    details: { field: 'digest', remedy: `push it to ${repository} first` },
  });
}

/** Version and commit of a pushed digest are what its own labels say. */
function readVersion(labels: Readonly<Record<string, string>>): {
  readonly version: string;
  readonly revision: string;
} {
  const version = labels[LABELS.version];
  const revision = labels[LABELS.revision];
  if (!version || !revision) {
    const missing = Object.values(LABELS).filter((name) => !labels[name]);
    throw labelsMissing(missing);
  }
  refuseLatest(version, 'digest');
  if (!isSemver(version)) {
    throw invalid('digest', `Its label ${LABELS.version} "${version}" is not a semantic version`);
  }
  if (!isGitSha(revision)) {
    throw invalid('digest', `Its label ${LABELS.revision} "${revision}" is not a commit`);
  }
  return { version, revision };
}

function labelsMissing(missing: readonly string[]): ReleaseError {
  return new ReleaseError('LABEL_MISSING', `The image lacks the label ${missing.join(', ')}`, {
    details: {
      field: 'digest',
      labels: missing,
      remedy: 'build it with these labels and push again',
    },
  });
}

function invalid(field: string, message: string): ReleaseError {
  return new ReleaseError('INVALID_INPUT', message, {
    details: { field, remedy: 'see plura reg promote --help' },
  });
}

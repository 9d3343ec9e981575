import { isGitSha, isSemver } from '../reference';
import type { Principal } from './principal';
import { ALLOWED, refuse, type Refusal, type Ruling } from './refusal';
import type { RepositoryClass } from './repository-class';

/**
 * write-once: claimed by the first push for ever. moving: later pushes replace it. referrers: the fallback index of a
 * subject, which the gateway keeps itself. companion: cosign's legacy `sha256-HEX.sig|att|sbom`.
 */
export type TagNature = 'write-once' | 'moving' | 'referrers' | 'companion';

// distribution-spec, "Pulling manifests": <reference> as a tag.
const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;
const REFERRERS_TAG = /^sha256-[0-9a-f]{64}$/;
const COMPANION_TAG = /^sha256-[0-9a-f]{64}\.(?:sig|att|sbom)$/;
/** `{version}_{yyyymmdd}`, e.g. `13.1_20261124`. */
const BASE_TAG = /^[0-9A-Za-z][0-9A-Za-z.-]{0,80}_\d{8}$/;

export function isTag(text: string): boolean {
  return TAG.test(text);
}

function tagInvalid(rule: string, message: string, remedy: string): Ruling {
  return refuse({ code: 'TAG_INVALID', rule, message, remedy });
}

function isVersionTag(tag: string): boolean {
  const split = tag.lastIndexOf('_');
  return split > 0 && isSemver(tag.slice(0, split)) && isGitSha(tag.slice(split + 1));
}

/** Helm writes the `+` of build metadata as `_` (helm.sh/docs/topics/registries). */
function isChartTag(tag: string): boolean {
  const [version = '', build, ...rest] = tag.split('_');
  return (
    isSemver(version) &&
    rest.length === 0 &&
    (build === undefined || /^[0-9A-Za-z.-]+$/.test(build))
  );
}

/** True for a tag whose prerelease part marks a branch or an experiment: kept 7 days without activity. */
export function isPrereleaseTag(tag: string): boolean {
  return isVersionTag(tag) && tag.slice(0, tag.lastIndexOf('_')).includes('-');
}

export function natureOf(repository: RepositoryClass, tag: string): TagNature {
  if (REFERRERS_TAG.test(tag)) return 'referrers';
  if (COMPANION_TAG.test(tag)) return 'companion';
  return ['app', 'chart', 'base'].includes(repository.kind) ? 'write-once' : 'moving';
}

export interface TagPut {
  readonly repository: RepositoryClass;
  readonly tag: string;
  readonly principal: Principal;
}

function judgeGrammar({ repository, tag }: TagPut): Ruling {
  switch (repository.kind) {
    case 'app':
      return isVersionTag(tag)
        ? ALLOWED
        : tagInvalid(
            'app-tag-grammar',
            `"${tag}" is not {semver}_{gitsha}`,
            'tag with version and commit, e.g. 1.4.0_3f2a91c, or 1.4.0-branch.7_3f2a91c for a branch',
          );
    case 'chart':
      return isChartTag(tag)
        ? ALLOWED
        : tagInvalid('chart-tag-grammar', `"${tag}" is not a semantic version`, 'e.g. 1.4.0');
    case 'channel':
      return tag === 'stable' || tag === 'candidate'
        ? ALLOWED
        : tagInvalid('channel-tag', `A channel is stable or candidate, not "${tag}"`, 'promote it');
    case 'base':
      return BASE_TAG.test(tag)
        ? ALLOWED
        : tagInvalid(
            'base-tag-grammar',
            `"${tag}" is not {version}_{yyyymmdd}`,
            'e.g. 13.1_20261124',
          );
    default:
      return ALLOWED;
  }
}

/** Whether this tag may be written there by this principal, whatever it points at now. */
export function judgeTagPut(put: TagPut): Ruling {
  const { repository, tag } = put;
  if (!isTag(tag)) {
    return tagInvalid(
      'tag-grammar',
      'Not a tag of the distribution-spec',
      'letters, digits, . _ -',
    );
  }
  const nature = natureOf(repository, tag);
  if (nature === 'referrers' || nature === 'companion') return ALLOWED;
  if (tag.toLowerCase() === 'latest') {
    const remedy = 'tag with version and commit, deploy by digest';
    return tagInvalid('no-latest', 'The tag latest is refused', remedy);
  }
  return judgeGrammar(put);
}

/** Who may write where. Pushing by digest and uploading blobs is writing too. */
export function judgeWriter(repository: RepositoryClass, { kind, name }: Principal): Ruling {
  const denied = (rule: string, message: string, remedy: string): Ruling =>
    refuse({ code: 'DENIED', rule, message, remedy });
  if (repository.kind === 'unknown') {
    return denied(
      'unknown-namespace',
      'Nothing is kept here',
      'push to apps/{svc}/{name} or charts/{svc}, or have the prefix opened in the policy (registry.open)',
    );
  }
  if (repository.kind === 'channel' && kind !== 'system') {
    return denied(
      'channels-by-system-only',
      `${name} may not write a channel`,
      'promote the digest: plura reg promote',
    );
  }
  if (['base', 'mirror'].includes(repository.kind) && kind !== 'custodian' && kind !== 'system') {
    return denied('bases-by-custodian-only', `${name} may not write bases or mirrors`, 'import it');
  }
  return ALLOWED;
}

export interface TagHolder {
  readonly digest: string;
  readonly by: string;
  readonly at: string;
}

/** What is said to a push that lost a write-once tag. */
export function tagTaken(name: string, holder: TagHolder): Refusal {
  return {
    code: 'DENIED',
    status: 409,
    rule: 'tag-write-once',
    message: `${name} was written by ${holder.by} at ${holder.at} with ${holder.digest}`,
    remedy: 'a tag is written once: push under a new version, or pull the digest that holds it',
    detail: { digest: holder.digest },
  };
}

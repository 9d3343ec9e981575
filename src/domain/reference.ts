import type { Digest } from './digest';

/** What is released, e.g. `checkout`. One OCI path component (distribution-spec, "Pulling manifests"). */
export type ServiceName = string;

export const ENVIRONMENTS = ['dev', 'stg', 'prod'] as const;
export type Environment = (typeof ENVIRONMENTS)[number];

export const CHANNEL_TAGS = ['stable', 'candidate'] as const;
export type ChannelTag = (typeof CHANNEL_TAGS)[number];

/** A channel of one service, e.g. `prod:stable`: repository `channels/prod/{svc}`, tag `stable`. */
export interface Channel {
  readonly env: Environment;
  readonly tag: ChannelTag;
}

export type ChannelName = `${Environment}:${ChannelTag}`;

/** An image named the only way that identifies it: repository and digest. */
export interface ImageRef {
  readonly repository: string;
  readonly digest: Digest;
}

const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const GITSHA = /^[0-9a-f]{7,40}$/;
// https://semver.org, "Is there a suggested regular expression"; build metadata is left out: it is our gitsha.
const SEMVER =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?$/;

export function isServiceName(text: string): boolean {
  return text.length <= 63 && COMPONENT.test(text);
}

export function isSemver(text: string): boolean {
  return text.length <= 64 && SEMVER.test(text);
}

export function isGitSha(text: string): boolean {
  return GITSHA.test(text);
}

/** `apps/{svc}/{name}`: where the digests and write-once tags of a service live. */
export function appRepository(svc: ServiceName, name: string): string {
  return `apps/${svc}/${name}`;
}

/** `channels/{env}/{svc}`. */
export function channelRepository(svc: ServiceName, env: Environment): string {
  return `channels/${env}/${svc}`;
}

export function channelName(channel: Channel): ChannelName {
  return `${channel.env}:${channel.tag}`;
}

/** @throws RangeError when `text` is not `{env}:{stable|candidate}`. */
export function parseChannel(text: string): Channel {
  const [env, tag, ...rest] = text.split(':');
  const environment = ENVIRONMENTS.find((known) => known === env);
  const channelTag = CHANNEL_TAGS.find((known) => known === tag);
  if (!environment || !channelTag || rest.length > 0) {
    throw new RangeError(`"${text}" is not a channel: expected e.g. prod:stable`);
  }
  return { env: environment, tag: channelTag };
}

/** The write-once tag on the wire, `{semver}_{gitsha}`: an OCI tag may not hold `+`. */
export function versionTag(version: string, revision: string): string {
  return `${version}_${revision}`;
}

/** The same tag as people read it, `{semver}+{gitsha}`. */
export function displayVersion(tag: string): string {
  return tag.replace('_', '+');
}

export interface AppRepository {
  readonly svc: ServiceName;
  readonly name: string;
}

/** @throws RangeError when `text` is not `apps/{svc}/{name}`. */
export function parseAppRepository(text: string): AppRepository {
  const [root, svc, name, ...rest] = text.split('/');
  if (root !== 'apps' || !svc || !name || rest.length > 0) {
    throw new RangeError(`"${text}" is not a repository of a service: expected apps/{svc}/{name}`);
  }
  if (!isServiceName(svc) || !isServiceName(name)) {
    throw new RangeError(`"${text}" holds a name that OCI repositories do not allow`);
  }
  return { svc, name };
}

/** `{repository}@{digest}`, the only form that deploys. */
export function imageReference(image: ImageRef): string {
  return `${image.repository}@${image.digest}`;
}

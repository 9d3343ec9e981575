import { EVIDENCE_PATH } from '../../contract/schema/evidence';
import { isDigest, type Digest } from '../../domain/digest';
import { isRepositoryName } from '../../domain/registry/repository-class';
import { isTag } from '../../domain/registry/tag-rules';
import { refused } from './refused';

export type Reference =
  | { readonly kind: 'tag'; readonly tag: string }
  | { readonly kind: 'digest'; readonly digest: Digest };

/** What a request is about (distribution-spec, "Endpoints"). */
export type Route =
  | { readonly kind: 'base' }
  | { readonly kind: 'token' }
  | { readonly kind: 'catalog' }
  | { readonly kind: 'notifications' }
  | { readonly kind: 'health' }
  | { readonly kind: 'metrics' }
  | { readonly kind: 'tags'; readonly repository: string }
  | { readonly kind: 'manifest'; readonly repository: string; readonly reference: Reference }
  | { readonly kind: 'blob'; readonly repository: string; readonly digest: Digest }
  | { readonly kind: 'uploads'; readonly repository: string }
  | { readonly kind: 'upload'; readonly repository: string; readonly id: string }
  | { readonly kind: 'referrers'; readonly repository: string; readonly digest: Digest }
  /** An extension of ours: EVIDENCE_PATH. */
  | { readonly kind: 'evidence'; readonly repository: string; readonly digest: Digest };

export interface Target {
  readonly route: Route;
  readonly query: URLSearchParams;
}

const MAX_TARGET = 8192;
// No component of a name begins with an underscore, so it can't be part of one.
const EVIDENCE = new RegExp(`^/v2/(.+)/${EVIDENCE_PATH}/([^/]*)$`);
const UPLOAD_ID = /^[A-Za-z0-9_-][A-Za-z0-9_=.-]{0,1023}$/;

const FIXED: Readonly<Record<string, Route>> = {
  '/v2/': { kind: 'base' },
  '/v2': { kind: 'base' },
  '/v2/_catalog': { kind: 'catalog' },
  '/token': { kind: 'token' },
  '/notifications': { kind: 'notifications' },
  '/healthz': { kind: 'health' },
  '/metrics': { kind: 'metrics' },
};

function repositoryOf(text: string): string {
  if (isRepositoryName(text)) return text;
  throw refused({
    code: 'NAME_INVALID',
    rule: 'repository-name',
    message: 'Not a repository name of the distribution-spec',
    remedy: 'lower-case letters, digits, . _ - and / between components',
  });
}

// image-spec, "Registered Algorithms": well-formed, and never the digest of anything here.
const OTHER_DIGEST = /^sha512:[0-9a-f]{128}$/;

function digestOf(text: string): Digest {
  if (isDigest(text)) return text;
  if (OTHER_DIGEST.test(text)) {
    throw refused({
      code: 'BLOB_UNKNOWN',
      rule: 'sha256-only',
      message: 'Nothing is kept under a sha512 digest',
      remedy: 'name it by its sha256 digest',
    });
  }
  throw refused({
    code: 'DIGEST_INVALID',
    rule: 'digest',
    message: 'Not a digest that is taken here',
    remedy: 'sha256: and 64 lower-case hex digits',
  });
}

function referenceOf(text: string): Reference {
  if (text.includes(':')) return { kind: 'digest', digest: digestOf(text) };
  if (isTag(text)) return { kind: 'tag', tag: text };
  throw refused({
    code: 'TAG_INVALID',
    rule: 'tag-grammar',
    message: 'Not a tag of the distribution-spec',
    remedy: 'letters, digits, . _ - and at most 128 of them',
  });
}

function parseRepositoryPath(path: string): Route | null {
  const [, name = '', what = '', last = ''] =
    /^\/v2\/(.+)\/(manifests|blobs|referrers|tags)\/([^/]*)$/.exec(path) ?? [];
  if (what === 'tags')
    return last === 'list' ? { kind: 'tags', repository: repositoryOf(name) } : null;
  if (what === 'manifests') {
    return { kind: 'manifest', repository: repositoryOf(name), reference: referenceOf(last) };
  }
  if (what === 'blobs') {
    return last === 'uploads'
      ? { kind: 'uploads', repository: repositoryOf(name) }
      : { kind: 'blob', repository: repositoryOf(name), digest: digestOf(last) };
  }
  if (what === 'referrers') {
    return { kind: 'referrers', repository: repositoryOf(name), digest: digestOf(last) };
  }
  const [, about = '', digest = ''] = EVIDENCE.exec(path) ?? [];
  if (about !== '')
    return { kind: 'evidence', repository: repositoryOf(about), digest: digestOf(digest) };
  const [, uploads = '', id = ''] = /^\/v2\/(.+)\/blobs\/uploads\/([^/]*)$/.exec(path) ?? [];
  if (uploads === '') return null;
  const repository = repositoryOf(uploads);
  if (id === '') return { kind: 'uploads', repository };
  return UPLOAD_ID.test(id) ? { kind: 'upload', repository, id } : null;
}

/**
 * Reads a request target as it came, byte for byte. No name, tag or digest needs an escape, so a path with one is refused rather
 * than decoded: gateway and registry then never read the same path in two ways.
 *
 * @throws Refused
 */
export function parseTarget(target: string): Target {
  const [path = '', search = '', ...rest] = target.split('?');
  const isPlain = /^\/[A-Za-z0-9._~:/=-]*$/.test(path);
  if (target.length > MAX_TARGET || !isPlain || rest.length > 0) {
    throw refused({
      code: 'NAME_INVALID',
      rule: 'plain-path',
      message: 'The path holds what no name, tag or digest can',
      remedy: 'no escapes, no characters beside letters, digits and . _ ~ : / = -',
    });
  }
  const route = (Object.hasOwn(FIXED, path) ? FIXED[path] : undefined) ?? parseRepositoryPath(path);
  if (!route) {
    throw refused({
      code: 'NAME_UNKNOWN',
      rule: 'no-such-path',
      message: 'Nothing is served at this path',
      remedy: 'see the endpoints of the OCI distribution-spec',
    });
  }
  return { route, query: new URLSearchParams(search) };
}

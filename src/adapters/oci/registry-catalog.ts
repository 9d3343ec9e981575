import { setTimeout as sleep } from 'node:timers/promises';
import type { RegistryCredentials } from '../../contract/docker-config';
import type { ReleaseError } from '../../contract/errors';
import type { NamePage, PageRequest, RegistryCatalog } from '../../ports/registry-catalog';
import { createOciHttp, type OciHttp } from './http';
import { networkError } from './errors';
import { getManifest, putTag, resolveManifest } from './manifests';
import { ACCEPT_MANIFESTS } from './media-types';
import { assertReference, repositoryPath, scope } from './names';
import { createPace } from './pace';
import { catalogBody, errorCodes, parseCatalogBody, tagsBody } from './registry-catalog-schema';

interface OciRegistryCatalogOptions {
  /** The registry itself, not the gateway: `http(s)://host[:port]`, without a path. */
  readonly url: string;
  readonly credentials?: RegistryCredentials;
  /** Longest silence of the registry before a call gives up, in ms. */
  readonly timeoutMs?: number;
  /** Requests start this far apart at least, whoever makes them: a walk must not slow the pulls. */
  readonly requestsPerSecond: number;
}

const MAX_PAGE_BYTES = 4 * 1024 * 1024;
/** distribution-spec, "Error codes": what a registry says that has no such thing. */
const ABSENT: readonly string[] = ['MANIFEST_UNKNOWN', 'NAME_UNKNOWN'];

function paced(http: OciHttp, perSecond: number): OciHttp {
  const pace = createPace(perSecond);
  return {
    send: async (request) => {
      const waitMs = pace(performance.now());
      if (waitMs > 0) await sleep(waitMs);
      return http.send(request);
    },
  };
}

function queryOf({ after, limit }: PageRequest): string {
  const query = { n: String(limit), ...(after !== undefined && { last: after }) };
  return new URLSearchParams(query).toString();
}

/** `last` of the next page (RFC 8288 Link, as the distribution-spec has it for lists); the end without a Link. */
function toPage(names: readonly string[], link: string | null): NamePage {
  const target = /<([^>]+)>\s*;\s*rel="?next"?/i.exec(link ?? '')?.[1];
  if (target === undefined || !URL.canParse(target, 'http://registry.invalid')) {
    return { names, next: null };
  }
  const last = new URL(target, 'http://registry.invalid').searchParams.get('last');
  return { names, next: last ?? names.at(-1) ?? null };
}

async function listRepositories(http: OciHttp, page: PageRequest): Promise<NamePage> {
  const response = await http.send({
    method: 'GET',
    path: `/v2/_catalog?${queryOf(page)}`,
    scopes: ['registry:catalog:*'],
    accept: [404],
  });
  const bytes = await response.read(MAX_PAGE_BYTES);
  if (response.status === 404) throw unclear('_catalog');
  const { repositories } = parseCatalogBody(catalogBody, bytes, '_catalog');
  return toPage(repositories ?? [], response.headers.get('link'));
}

export async function listTags(
  http: OciHttp,
  repository: string,
  page: PageRequest,
): Promise<NamePage | null> {
  const path = `${repositoryPath(repository)}/tags/list?${queryOf(page)}`;
  const scopes = [scope(repository, 'pull')];
  const response = await http.send({ method: 'GET', path, scopes, accept: [404] });
  const bytes = await response.read(MAX_PAGE_BYTES);
  if (response.status !== 404) {
    const { tags } = parseCatalogBody(tagsBody, bytes, `tags of ${repository}`);
    return toPage(tags ?? [], response.headers.get('link'));
  }
  if (errorCodes(bytes).includes('NAME_UNKNOWN')) return null;
  throw unclear(`tags of ${repository}`);
}

/** A 404 that is not the registry's word on it: some proxy, or a path that leads elsewhere. */
function unclear(what: string): ReleaseError {
  return networkError(what, new Error('the registry answered 404 without saying what is unknown'));
}

/** By GET: the answer to a HEAD has no body to say why. */
async function isAbsent(http: OciHttp, repository: string, reference: string): Promise<boolean> {
  const response = await http.send({
    method: 'GET',
    path: `${repositoryPath(repository)}/manifests/${assertReference(reference)}`,
    scopes: [scope(repository, 'pull')],
    headers: { accept: ACCEPT_MANIFESTS },
    accept: [404],
  });
  const bytes = await response.read(MAX_PAGE_BYTES);
  return response.status === 404 && errorCodes(bytes).some((code) => ABSENT.includes(code));
}

/** Any registry with `_catalog` and `tags/list`: distribution, zot, Harbor. */
export function createOciRegistryCatalog(options: OciRegistryCatalogOptions): RegistryCatalog {
  const { requestsPerSecond, ...connection } = options;
  const http = paced(createOciHttp({ timeoutMs: 15_000, ...connection }), requestsPerSecond);
  return {
    listRepositories: (page) => listRepositories(http, page),
    listTags: (repository, page) => listTags(http, repository, page),
    describe: (repository, reference) => resolveManifest(http, repository, reference),
    isAbsent: (repository, reference) => isAbsent(http, repository, reference),
    getManifest: (image) => getManifest(http, image),
    putTag: (image, tag) => putTag(http, image, tag),
  };
}

import { ReleaseError } from '../../contract/errors';
import type { BaseVendor, BaseVendors } from '../../ports/base-vendors';
import { getBlob, hasBlob, openBlob, pushStream } from './blobs';
import { getImageConfig } from './closure';
import { listAttached, pushManifest } from './content';
import type { OciHttp } from './http';
import { getManifest, resolveManifest } from './manifests';
import { ociHttpOf, type OciRegistryOptions } from './oci-registry';
import { listTags } from './registry-catalog';

const PAGE = 1000;
const MAX_TAGS = 50_000;

/** Docker Hub's registry is not at the host that its images are named by. */
const HOSTS: Readonly<Record<string, string>> = { 'docker.io': 'registry-1.docker.io' };
const LOOPBACK = /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3})(?::\d+)?$/;

function urlOf(host: string): string {
  const at = Object.hasOwn(HOSTS, host) ? HOSTS[host] : undefined;
  return LOOPBACK.test(host) ? `http://${host}` : `https://${at ?? host}`;
}

async function everyTag(http: OciHttp, repository: string): Promise<readonly string[]> {
  const names: string[] = [];
  let after: string | undefined;
  for (;;) {
    const page = await listTags(http, repository, {
      limit: PAGE,
      ...(after !== undefined && { after }),
    });
    names.push(...(page?.names ?? []));
    if (!page || page.next === null || page.next === after) return names;
    if (names.length >= MAX_TAGS) {
      throw new ReleaseError('INVALID_INPUT', `${repository} has more than ${MAX_TAGS} tags`, {
        details: { remedy: 'let the family follow one tag: channel: {tag: …}' },
      });
    }
    after = page.next;
  }
}

/** Vendors are read without credentials; `write` is our gateway, as the robot that keeps bases. */
export function createOciVendors(options: { readonly write: OciRegistryOptions }): BaseVendors {
  const write = ociHttpOf(options.write);
  const vendorAt = (host: string): BaseVendor => {
    const read = ociHttpOf({ url: urlOf(host), timeoutMs: 30_000 });
    return {
      resolve: (repository, reference) => resolveManifest(read, repository, reference),
      getManifest: (image) => getManifest(read, image),
      getBlob: (image, maxBytes) => getBlob(read, image, maxBytes),
      getImageConfig: (image) => getImageConfig(read, image),
      listAttached: (subject) => listAttached(read, subject),
      listTags: (repository) => everyTag(read, repository),
      openBlob: (image) => openBlob(read, image),
      hasBlob: (image) => hasBlob(write, image),
      pushBlob: (image, chunks) => pushStream(write, image, chunks),
      pushManifest: (repository, manifest) => pushManifest(write, repository, manifest, undefined),
    };
  };
  return { at: vendorAt };
}

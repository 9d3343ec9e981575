import { ReleaseError } from '../contract/errors';
import { ServiceView } from '../contract/schema/api-service';
import type { HttpClient } from './http-client';

/** A release as people name it, `{svc}/{semver}+{gitsha}` or with `_`, as a path of the API. */
export function releasePath(release: string, verb = ''): string {
  const [svc, tag, ...rest] = release.split('/');
  if (!svc || !tag || rest.length > 0) {
    throw new ReleaseError('INVALID_INPUT', `"${release}" is not a release`, {
      details: {
        field: 'release',
        remedy: 'name it {service}/{version}_{revision}, e.g. checkout/1.4.0_3f2a9c1',
      },
    });
  }
  const name = `${encodeURIComponent(svc)}/${encodeURIComponent(tag.replace('+', '_'))}`;
  return `/v1/registry/releases/${name}${verb === '' ? '' : `/${verb}`}`;
}

export function servicePath(svc: string, verb = ''): string {
  return `/v1/registry/services/${encodeURIComponent(svc)}${verb === '' ? '' : `/${verb}`}`;
}

/** `apps/{svc}/{name}` as it is; for the name of a service, its repository in the catalogue. */
export async function resolveRepository(http: HttpClient, name: string): Promise<string> {
  if (name.includes('/')) return name;
  return (await http.get(servicePath(name), ServiceView)).repository;
}

/** An image with the repository of the catalogue where a service is named: `checkout@sha256:…`. A digest alone stays as it is. */
export async function resolveImage(http: HttpClient, image: string): Promise<string> {
  const [named = ''] = image.split('@');
  if (named.includes('/') || image.startsWith('sha256:')) return image;
  const [svc = ''] = named.split(':');
  return `${await resolveRepository(http, svc)}${image.slice(svc.length)}`;
}

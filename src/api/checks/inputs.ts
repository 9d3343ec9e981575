import { ReleaseError } from '../../contract/errors';
import { isDigest, type Digest } from '../../domain/digest';
import {
  isServiceName,
  parseAppRepository,
  parseChannel,
  type AppRepository,
  type Channel,
} from '../../domain/reference';
import type { Service } from '../../domain/service';

const LATEST = /(^|:)latest$/;

/** @throws ReleaseError LATEST_REFUSED */
export function refuseLatest(text: string, field: string): void {
  if (!LATEST.test(text)) return;
  throw new ReleaseError('LATEST_REFUSED', `"${text}": the tag latest names no fixed image`, {
    details: { field, remedy: 'name the image by its digest: sha256:…' },
  });
}

/** @throws ReleaseError INVALID_INPUT, LATEST_REFUSED */
export function parseDigestInput(text: string, field: string): Digest {
  refuseLatest(text, field);
  if (isDigest(text)) return text;
  throw new ReleaseError(
    'INVALID_INPUT',
    `"${text}" is not a digest: expected sha256: and 64 lower-case hex digits`,
    { details: { field, remedy: 'give the digest that the push printed' } },
  );
}

/** @throws ReleaseError INVALID_INPUT */
export function parseChannelInput(text: string, field: string): Channel {
  refuseLatest(text, field);
  try {
    return parseChannel(text);
  } catch (error) {
    throw new ReleaseError('INVALID_INPUT', messageOf(error), {
      details: { field, remedy: 'channels are {dev|stg|prod}:{candidate|stable}' },
    });
  }
}

/** The service that `apps/{svc}/{name}` belongs to. @throws ReleaseError UNKNOWN_SERVICE, INVALID_INPUT, LATEST_REFUSED */
export function findServiceByRepository(catalog: readonly Service[], repo: string): Service {
  refuseLatest(repo, 'repo');
  const { svc, name } = parseRepository(repo);
  const service = catalog.find((entry) => entry.svc === svc && entry.name === name);
  if (service) return service;
  throw unknownService(catalog, repo, 'repo');
}

/** @throws ReleaseError UNKNOWN_SERVICE */
export function findService(catalog: readonly Service[], svc: string): Service {
  const service = isServiceName(svc) ? catalog.find((entry) => entry.svc === svc) : undefined;
  if (service) return service;
  throw unknownService(catalog, svc, 'svc');
}

function parseRepository(repo: string): AppRepository {
  try {
    return parseAppRepository(repo);
  } catch (error) {
    throw new ReleaseError('INVALID_INPUT', messageOf(error), {
      details: { field: 'repo', remedy: 'name the repository without a tag: apps/{svc}/{name}' },
    });
  }
}

function unknownService(catalog: readonly Service[], asked: string, field: string): ReleaseError {
  const known = catalog.slice(0, 20).map((entry) => entry.svc);
  return new ReleaseError('UNKNOWN_SERVICE', `The catalogue has no service "${asked}"`, {
    details: { field, known, remedy: 'add it to the catalogue, or use a known name' },
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

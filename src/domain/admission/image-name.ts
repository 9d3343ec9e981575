import { isDigest, type Digest } from '../digest';
import { isRepositoryName } from '../registry/repository-class';

/** An image as a workload names it, taken apart. */
export interface ImageName {
  /** `registry.example:5000`, in lower case, as DNS knows no other; null when it names none. */
  readonly host: string | null;
  readonly repository: string;
  readonly tag: string | null;
  readonly digest: Digest | null;
}

// distribution-spec, "Pulling manifests": <reference> as a tag.
const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;

const HOST = /^(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(?::\d{1,5})?$/;

/** As container runtimes tell a host from a first path component: a dot, a port, or `localhost`. */
function isHost(component: string): boolean {
  return HOST.test(component) && (/[.:]/.test(component) || component === 'localhost');
}

/**
 * Reads `[host/]repository[:tag][@digest]`.
 *
 * @throws RangeError that says what does not fit
 */
export function parseImageName(text: string): ImageName {
  const [named = '', digest, ...more] = text.split('@');
  if (isDigest(named)) throw new RangeError(`"${text}" names a digest and no repository`);
  if (more.length > 0 || (digest !== undefined && !isDigest(digest))) {
    throw new RangeError(`"${text}" does not end with @sha256: and 64 lower-case hex digits`);
  }
  const slash = named.indexOf('/');
  const first = slash < 0 ? '' : named.slice(0, slash);
  const host = first !== '' && isHost(first) ? first.toLowerCase() : null;
  const rest = host === null ? named : named.slice(slash + 1);
  const [repository = '', tag, ...others] = rest.split(':');
  const isTag = tag === undefined || TAG.test(tag);
  if (!isRepositoryName(repository) || !isTag || others.length > 0) {
    throw new RangeError(`"${text}" is not an image: expected {repository}@sha256:…`);
  }
  return { host, repository, tag: tag ?? null, digest: digest ?? null };
}

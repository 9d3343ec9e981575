import { OCI_INDEX } from '../../domain/registry/manifest-facts';
import {
  indexText,
  ofType,
  referrerEntry,
  type ReferrerEntry,
} from '../../domain/registry/referrers-index';
import type { GatewayDependencies } from '../dependencies';
import type { Exchange, Handler, RouteOf } from '../exchange';
import { readFacts } from '../manifests/push/registry-manifests';
import { readFilter } from './filter';
import { createRegistryReferrers, type ListAnswer } from './registry-referrers';
import { readStoredIndex } from './stored-index';

type ReferrersDependencies = Pick<GatewayDependencies, 'backend' | 'now'>;
type ReferrersExchange = Exchange<RouteOf<'referrers'>>;

/** Entries that an older client wrote without a type and that are looked up in one request. */
const MAX_LOOKED_UP = 100;

/** Some clients left out what the manifest says (sigstore/cosign issue 4641): the manifest tells. */
async function completed(
  { backend }: ReferrersDependencies,
  { route, signal }: ReferrersExchange,
  entries: readonly ReferrerEntry[],
): Promise<readonly ReferrerEntry[]> {
  let left = MAX_LOOKED_UP;
  const all: ReferrerEntry[] = [];
  for (const entry of entries) {
    const isIndex = entry.mediaType === OCI_INDEX;
    if (entry.artifactType !== undefined || isIndex || left === 0) {
      all.push(entry);
      continue;
    }
    left -= 1;
    const place = { repository: route.repository, reference: entry.digest };
    const facts = await readFacts(backend, place, signal);
    all.push(facts ? referrerEntry(facts) : entry);
  }
  return all;
}

function send(
  { request, response }: ReferrersExchange,
  body: Buffer,
  headers: Readonly<Record<string, string>>,
): void {
  response.writeHead(200, {
    'content-type': OCI_INDEX,
    'content-length': body.length,
    ...headers,
  });
  if (request.method === 'HEAD') response.end();
  else response.end(body);
}

function passOn(
  { backend }: ReferrersDependencies,
  exchange: ReferrersExchange,
  answer: ListAnswer,
): void {
  const applied = answer.headers['oci-filters-applied'];
  const [, url] = /<([^>]{1,4096})>\s*;\s*rel="?next"?/i.exec(answer.headers['link'] ?? '') ?? [];
  const next = url === undefined ? null : backend.ownPath(url);
  send(exchange, answer.body, {
    ...(applied !== undefined && { 'oci-filters-applied': applied }),
    ...(next !== null && { link: `<${next}>; rel="next"` }),
  });
}

/**
 * distribution-spec, "Listing Referrers": by the registry where it can, else from the index that the gateway keeps. A subject
 * that nobody knows has no referrers, which is no error.
 */
export function createReferrersHandler(deps: ReferrersDependencies): Handler<'referrers'> {
  const registry = createRegistryReferrers(deps.backend, deps.now);
  return async (exchange) => {
    const { route, query, signal } = exchange;
    const { repository, digest: subject } = route;
    const filter = readFilter(query);
    const answer = await registry.list({ repository, subject }, query, signal);
    if (answer?.status === 200) {
      passOn(deps, exchange, answer);
      return;
    }
    const stored = answer
      ? null
      : await readStoredIndex(deps.backend, { repository, subject }, signal);
    const entries = await completed(deps, exchange, stored?.entries ?? []);
    const listed = filter === null ? entries : ofType(entries, filter);
    send(
      exchange,
      Buffer.from(indexText(listed)),
      filter === null ? {} : { 'oci-filters-applied': 'artifactType' },
    );
  };
}

import type { RescanTarget } from '../../contract/messages';
import { allowListOf } from '../../domain/admission/allow-policy';
import type { KeptQuery, KeptScan } from '../../ports/rescans';
import { readPinnedImage } from '../allow/read-image';
import { findService, findServiceByRepository } from '../checks/inputs';
import type { ApiDependencies } from '../dependencies';

/** A service has a few channels, a window and some holds. */
const MAX_KEPT = 500;

/** @throws ReleaseError UNKNOWN_SERVICE, INVALID_INPUT */
export function readTarget(
  { catalog }: Pick<ApiDependencies, 'catalog'>,
  of: string,
): RescanTarget {
  if (!of.includes('/') && !of.includes('@')) {
    return { svc: findService(catalog, of).svc, digest: null };
  }
  const { repository, digest } = readPinnedImage(of);
  return { svc: findServiceByRepository(catalog, repository).svc, digest };
}

/** What is kept of a service, or of a digest of it, as the ledger knows it. */
export async function keptImages(
  { rescans, policy, now }: Pick<ApiDependencies, 'rescans' | 'policy' | 'now'>,
  { svc, digest }: RescanTarget,
): Promise<readonly KeptScan[]> {
  const { maxAgeMs, maxPins } = allowListOf(policy).rollbackWindow;
  const query: KeptQuery = {
    svc,
    ...(digest !== null && { digest }),
    windowSince: new Date(now().getTime() - maxAgeMs).toISOString(),
    windowPins: maxPins,
    limit: MAX_KEPT,
  };
  return rescans.listKept(query);
}

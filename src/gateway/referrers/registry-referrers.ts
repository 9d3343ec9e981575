import type { Digest } from '../../domain/digest';
import type { Backend, BackendResponse } from '../backend/backend';
import { refusedByBackend } from '../manifests/pull/backend-answer';
import { OCI_INDEX } from '../../domain/registry/manifest-facts';
import { errorCodesIn } from '../manifests/push/backend-refusal';

const MAX_LIST_BYTES = 8 * 1024 * 1024;
/** A registry learns new things by an update only. */
const REMEMBERED_MS = 10 * 60_000;
/** What registries without the API answer. */
const LACKING: readonly number[] = [404, 405, 501];
/** Filter and pages, as registries name them. */
const PASSED = ['artifactType', 'n', 'last', 'page', 'nextToken'];

export type ListAnswer = Omit<BackendResponse, 'body'> & { readonly body: Buffer };

export interface RegistryReferrers {
  /**
   * The registry's own answer; null when it has no referrers API.
   *
   * @throws Refused
   */
  list(
    place: { readonly repository: string; readonly subject: Digest },
    query: URLSearchParams,
    signal: AbortSignal,
  ): Promise<ListAnswer | null>;
  /** Whether it is known to have none. */
  isLacking(): boolean;
}

function passedQuery(query: URLSearchParams): string {
  const passed = new URLSearchParams();
  for (const name of PASSED) {
    const value = query.get(name);
    if (value !== null) passed.set(name, value);
  }
  return passed.size === 0 ? '' : `?${passed.toString()}`;
}

/** Asks the registry behind us for its own list, and remembers when it has none to give. */
export function createRegistryReferrers(backend: Backend, now: () => Date): RegistryReferrers {
  let lackingUntilMs = 0;
  const isLacking = (): boolean => now().getTime() < lackingUntilMs;
  return {
    isLacking,
    list: async ({ repository, subject }, query, signal) => {
      if (isLacking()) return null;
      const path = `/v2/${repository}/referrers/${subject}${passedQuery(query)}`;
      const headers = { accept: OCI_INDEX };
      const answer = await backend.fetch({ method: 'GET', path, headers, signal }, MAX_LIST_BYTES);
      if (answer.status === 200) return answer;
      // With the API a 404 is about a repository and speaks the spec's language; without it the path itself is unknown.
      const knowsPath = answer.status === 404 && errorCodesIn(answer.body).includes('NAME_UNKNOWN');
      if (knowsPath) return answer;
      if (LACKING.includes(answer.status)) {
        lackingUntilMs = now().getTime() + REMEMBERED_MS;
        return null;
      }
      throw refusedByBackend(answer, {
        code: 'MANIFEST_UNKNOWN',
        rule: 'manifest-unknown',
        message: `${repository} has no referrers of ${subject}`,
      });
    },
  };
}

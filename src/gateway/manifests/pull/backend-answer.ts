import type { Refusal } from '../../../domain/registry/refusal';
import type { BackendResponse } from '../../backend/backend';
import { backendDenied, backendNonsense } from '../../backend/failures';
import { refused, type Refused } from '../../http/refused';

const DEFAULT_RETRY_AFTER_S = '5';

/** What a registry's answer that is no 200 comes to for a client that reads; `notFound` for its 404. */
export function refusedByBackend(
  { status, headers }: Pick<BackendResponse, 'status' | 'headers'>,
  notFound: Pick<Refusal, 'code' | 'rule' | 'message'>,
): Refused {
  if (status === 404) return refused({ ...notFound, remedy: 'check name, tag and digest' });
  if (status === 401 || status === 403) return backendDenied();
  if (status !== 429 && status !== 503) return backendNonsense(`answered ${status} to a read`);
  return refused(
    {
      code: status === 429 ? 'TOOMANYREQUESTS' : 'UNAVAILABLE',
      rule: 'backend-busy',
      message: 'The registry behind the gateway has too much to do',
      remedy: 'try again after the time in Retry-After',
    },
    { 'retry-after': headers['retry-after'] ?? DEFAULT_RETRY_AFTER_S },
  );
}

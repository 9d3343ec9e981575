import type { Digest } from '../../../src/domain/digest';
import type { TestApi } from '../../support/api-app';
import { LABELS } from '../../support/api-fixtures';

export const REPO = 'apps/checkout/checkout';
export const SOURCE = { path: 'checkout', version: '1.4.0', revision: 'abc1234' };

interface Answer {
  readonly status: number;
  readonly type: string | undefined;
  readonly body: Record<string, unknown>;
}

/** @param token of who asks */
export async function promote(
  { app }: TestApi,
  token: string,
  body: unknown,
  headers: Record<string, string> = {},
  url = '/v1/registry/promote',
): Promise<Answer> {
  const answer = await app.inject({
    method: 'POST',
    url,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    payload: JSON.stringify(body),
  });
  const type = answer.headers['content-type'];
  return {
    status: answer.statusCode,
    type: typeof type === 'string' ? type : undefined,
    body: answer.json(),
  };
}

/** Built by somebody else, with its labels. */
export function push(
  { registry }: TestApi,
  labels: Readonly<Record<string, string>> = LABELS,
): Digest {
  return registry.pushImage({ repository: REPO, labels });
}

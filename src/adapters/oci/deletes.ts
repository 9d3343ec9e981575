import { UNCHANGED_SINCE } from '../../contract/delete-conditions';
import { ReleaseError } from '../../contract/errors';
import type { ImageRef } from '../../domain/reference';
import type { DeleteConditions, Deleted } from '../../ports/registry';
import type { OciHttp } from './http';
import { assertDigest, assertTag, repositoryPath, scope } from './names';

/** What the gateway answers when something keeps it (409), or a condition does not hold (412). */
const KEPT: readonly unknown[] = [409, 412];

async function remove(
  http: OciHttp,
  repository: string,
  reference: string,
  headers: Readonly<Record<string, string>>,
): Promise<Deleted> {
  try {
    await http.send({
      method: 'DELETE',
      path: `${repositoryPath(repository)}/manifests/${reference}`,
      scopes: [scope(repository, 'delete')],
      headers,
      accept: [404],
    });
    return { kind: 'deleted' };
  } catch (error) {
    if (!(error instanceof ReleaseError) || !KEPT.includes(error.details['status'])) throw error;
    const rule = error.details['rule'];
    return { kind: 'kept', rule: typeof rule === 'string' ? rule : 'refused', why: error.message };
  }
}

export function deleteManifest(
  http: OciHttp,
  { repository, digest }: ImageRef,
  conditions?: DeleteConditions,
): Promise<Deleted> {
  const headers = conditions ? { [UNCHANGED_SINCE]: conditions.unchangedSince } : {};
  return remove(http, repository, assertDigest(digest), headers);
}

export function deleteTagOf(
  http: OciHttp,
  { repository, digest }: ImageRef,
  tag: string,
  { unchangedSince }: DeleteConditions,
): Promise<Deleted> {
  return remove(http, repository, assertTag(tag), {
    [UNCHANGED_SINCE]: unchangedSince,
    'if-match': `"${digest}"`,
  });
}

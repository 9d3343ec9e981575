import type { Digest } from '../../../domain/digest';
import type { PushRecord } from '../../../ports/inventory';
import type { GatewayDependencies } from '../../dependencies';
import { refusalOfBackend } from './backend-refusal';
import { headManifest, putToBackend, type BackendAnswer } from './registry-manifests';

export type StoreDependencies = Pick<
  GatewayDependencies,
  'backend' | 'inventory' | 'policy' | 'metrics' | 'log' | 'now'
>;

export interface RecordedManifest {
  readonly record: PushRecord;
  readonly bytes: Buffer;
}

const LOOK_TIMEOUT_MS = 10_000;

/** What is under the reference now; undefined when nobody could say. */
async function look(
  { backend }: StoreDependencies,
  record: PushRecord,
): Promise<Digest | null | undefined> {
  const { repository, tag, digest } = record;
  const place = { repository, reference: tag ?? digest };
  return headManifest(backend, place, AbortSignal.timeout(LOOK_TIMEOUT_MS)).catch(() => undefined);
}

/**
 * Gives the registry a manifest whose push has begun in the inventory, and tells the inventory how it ended. When the answer is
 * lost, the registry is asked what it has. If that stays unknown the push stays pending: nobody else may have the tag before
 * a later look.
 *
 * @returns the registry's answer; null when it was lost although the manifest is there
 * @throws Refused as the registry refused
 */
export async function putRecorded(
  deps: StoreDependencies,
  { record, bytes }: RecordedManifest,
): Promise<BackendAnswer | null> {
  const { backend, inventory, log } = deps;
  const { repository, tag, digest, mediaType } = record;
  let answer: BackendAnswer;
  try {
    answer = await putToBackend(
      backend,
      { repository, reference: tag ?? digest },
      { bytes, mediaType },
    );
  } catch (error) {
    // It may still be on its way, so only a yes is an answer.
    if ((await look(deps, record)) !== digest) {
      log.warn({ err: error, repository, tag, digest }, 'a push has no known end');
      throw error;
    }
    await inventory.completePush(record);
    return null;
  }
  if (answer.status >= 200 && answer.status < 300) {
    await inventory.completePush(record);
    return answer;
  }
  if (answer.status >= 500) {
    const there = await look(deps, record);
    if (there === undefined) throw refusalOfBackend(answer);
    if (there === digest) {
      await inventory.completePush(record);
      return null;
    }
  }
  await inventory.abandonPush(record);
  throw refusalOfBackend(answer);
}

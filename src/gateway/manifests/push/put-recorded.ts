import type { Digest } from '../../../domain/digest';
import type { PushRecord } from '../../../ports/inventory';
import type { GatewayDependencies } from '../../dependencies';
import { assertNotSealed } from '../../state/push-gate';
import { refusalOfBackend } from './backend-refusal';
import { headManifest, putToBackend, type BackendAnswer } from './registry-manifests';

export type StoreDependencies = Pick<
  GatewayDependencies,
  'backend' | 'cache' | 'inventory' | 'policy' | 'metrics' | 'log' | 'now'
>;

export interface RecordedManifest {
  readonly record: PushRecord;
  readonly bytes: Buffer;
  /** Of what its repository has: a collector takes nothing of it away. */
  readonly isMove?: boolean;
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

/** Who seals the registry waits for pushes that were written down by then; this one was, or it hears of the seal. */
async function assertSeen(deps: StoreDependencies, record: PushRecord): Promise<void> {
  try {
    assertNotSealed(deps);
  } catch (error) {
    await deps.inventory.abandonPush(record);
    throw error;
  }
}

/**
 * Gives the registry a manifest whose push has begun in the inventory, and tells the inventory how it ended. When the answer is
 * lost, the registry is asked what it has. If that stays unknown the push stays pending: nobody else may have the tag before
 * a later look.
 *
 * @returns the registry's answer; null when it was lost although the manifest is there
 * @throws Refused as the registry refused; UNAVAILABLE while a collector runs, which does not see what comes after it has begun
 */
export async function putRecorded(
  deps: StoreDependencies,
  { record, bytes, isMove = false }: RecordedManifest,
): Promise<BackendAnswer | null> {
  const { backend, inventory, log } = deps;
  if (!isMove) await assertSeen(deps, record);
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

import type { PushRecord } from '../../../ports/inventory';
import { refused } from '../../http/refused';
import { claimTag, type TagPush } from './claim-tag';
import { tagLock } from './locks';
import { putRecorded, type RecordedManifest, type StoreDependencies } from './put-recorded';
import type { BackendAnswer } from './registry-manifests';

function hasTag(record: PushRecord): record is TagPush {
  return record.tag !== null;
}

/**
 * What is left of the minute after which others may replace a claim, less the time that a write may take. By the clock on the
 * wall: it goes on while a machine sleeps.
 */
const CLAIM_GOOD_FOR_MS = 25_000;

/** Whether the registry has it already. Nothing is sent under a claim that may be somebody else's by now. */
async function claimInTime(deps: StoreDependencies, push: TagPush): Promise<boolean> {
  const begunMs = deps.now().getTime();
  const isThere = await claimTag(deps, push);
  if (isThere || deps.now().getTime() - begunMs <= CLAIM_GOOD_FOR_MS) return isThere;
  await deps.inventory.abandonPush(push);
  throw refused(
    {
      code: 'UNAVAILABLE',
      rule: 'claim-late',
      message: `The claim of ${push.repository}:${push.tag} took too long to be still good`,
      remedy: 'push again',
    },
    { 'retry-after': '1' },
  );
}

/**
 * Stores a manifest that all rules allow. A write-once tag is claimed; a moving one is written by one push at a time in all
 * gateways, so that inventory and registry agree on who was last.
 *
 * @returns the registry's answer; null when it had the manifest already, or its answer was lost
 * @throws Refused 409 when the tag is written once and taken
 */
export async function storeManifest(
  deps: StoreDependencies,
  manifest: RecordedManifest,
): Promise<BackendAnswer | null> {
  const { inventory } = deps;
  const { record } = manifest;
  if (hasTag(record) && record.writeOnce) {
    if (!(await claimInTime(deps, record))) return putRecorded(deps, manifest);
    await inventory.completePush(record);
    return null;
  }
  const write = async (): Promise<BackendAnswer | null> => {
    await inventory.beginPush(record);
    return putRecorded(deps, manifest);
  };
  return hasTag(record)
    ? inventory.exclusively(tagLock(record.repository, record.tag), write)
    : write();
}

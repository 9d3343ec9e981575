import type { PushRecord } from '../../../ports/inventory';
import { claimTag, type TagPush } from './claim-tag';
import { tagLock } from './locks';
import { putRecorded, type RecordedManifest, type StoreDependencies } from './put-recorded';
import type { BackendAnswer } from './registry-manifests';

function hasTag(record: PushRecord): record is TagPush {
  return record.tag !== null;
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
    if (!(await claimTag(deps, record))) return putRecorded(deps, manifest);
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

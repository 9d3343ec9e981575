import { ReleaseError } from '../../contract/errors';
import type { Digest } from '../../domain/digest';
import type { ImageRef } from '../../domain/reference';
import type { RecordedWormCopy } from '../../ports/worm-copies';
import { readDigestOf } from '../allow/read-image';
import type { ApiDependencies } from '../dependencies';

/** Repositories that have it by the inventory: those of apps first, as their artifacts are attached there. */
async function findRepository(
  { quarantine }: Pick<ApiDependencies, 'quarantine'>,
  digest: Digest,
): Promise<string> {
  const places = (await quarantine.places(digest)).filter((place) => place.digest === digest);
  const place = places.find(({ repository }) => repository.startsWith('apps/')) ?? places[0];
  if (place) return place.repository;
  throw new ReleaseError('INVALID_INPUT', `No repository on record has ${digest}`, {
    details: { field: 'image', remedy: 'name it with its repository: apps/…@sha256:…' },
  });
}

export async function readImage(
  deps: Pick<ApiDependencies, 'quarantine'>,
  text: string,
): Promise<ImageRef> {
  const { repository, digest } = readDigestOf(text);
  return { repository: repository ?? (await findRepository(deps, digest)), digest };
}

/** @throws ReleaseError COPY_NOT_FOUND */
export async function getCopy(
  { wormCopies }: Pick<ApiDependencies, 'wormCopies'>,
  id: string,
): Promise<RecordedWormCopy> {
  const copy = await wormCopies.get(id);
  if (copy) return copy;
  throw new ReleaseError('COPY_NOT_FOUND', `There is no incident copy "${id}"`, {
    details: { field: 'id', remedy: 'see what there is: plura reg hold list' },
  });
}

/** One that is there, whole or damaged. @throws ReleaseError COPY_NOT_FOUND, COPY_INCOMPLETE */
export async function getSealedCopy(
  deps: Pick<ApiDependencies, 'wormCopies'>,
  id: string,
): Promise<RecordedWormCopy> {
  const copy = await getCopy(deps, id);
  if (copy.state === 'held' || copy.state === 'damaged') return copy;
  const why = copy.problems[0] ?? 'it is being made';
  throw new ReleaseError('COPY_INCOMPLETE', `The incident copy ${id} is not complete: ${why}`, {
    details: { field: 'id', remedy: `see how far it is: plura reg hold show ${id}` },
  });
}

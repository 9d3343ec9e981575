import type { AdmissionRequest } from '../../contract/schema/admission-review';
import type { ImageRule } from '../../domain/admission/fault';
import type { AdmissionDependencies } from '../dependencies';
import { readImageName } from '../images/read-image-name';
import type { RefusedImage } from './denial';

/** An event of the registry for each image that was judged and refused; what could not be found out is no judgement. */
export function recordDenial(
  { events, now }: Pick<AdmissionDependencies, 'events' | 'now'>,
  { namespace, userInfo }: AdmissionRequest,
  images: readonly RefusedImage[],
): void {
  const byName = new Map(images.map((one) => [one.position.image, one]));
  for (const [image, { faults }] of byName) {
    const judged = faults.filter(({ unknown }) => unknown === undefined);
    const name = readImageName(image);
    if (judged.length === 0 || !name) continue;
    const rulesOf = (isLapse: boolean): readonly ImageRule[] => [
      ...new Set(judged.filter(({ lapse = false }) => lapse === isLapse).map(({ rule }) => rule)),
    ];
    events.add({
      kind: 'admission-denied',
      repository: name.repository,
      reference: name.digest ?? name.tag ?? '',
      actor: userInfo.username,
      at: now().toISOString(),
      detail: { namespace, rules: rulesOf(false), lapsed: rulesOf(true) },
    });
  }
}

import { isDeepStrictEqual } from 'node:util';
import type { AdmissionRequest } from '../../contract/schema/admission-review';
import type { ImagePosition } from '../../domain/admission/image-positions';
import type { PodTemplate } from '../../domain/admission/workload';
import type { Workloads } from '../dependencies';
import { changedImages } from '../images/changed-images';

/** What of a request is to be judged. */
export interface Asked {
  readonly template: PodTemplate;
  /** What stood there before an update. */
  readonly before: PodTemplate | null;
  /** New, or changed by an update. */
  readonly images: readonly ImagePosition[];
}

type ObjectReader = Pick<Workloads, 'podTemplateOf' | 'imagesOf'>;

/** What was admitted once may be of a shape that is refused by now; it must not stand in the way of its own repair. */
function templateBefore(
  workloads: ObjectReader,
  { operation, oldObject }: AdmissionRequest,
): PodTemplate | null {
  if (operation !== 'UPDATE' || !oldObject) return null;
  try {
    return workloads.podTemplateOf(oldObject);
  } catch {
    return null;
  }
}

/**
 * Null when nothing in it can run that did not run before: a deletion, replicas, a finalizer, a status.
 *
 * @throws ReleaseError INVALID_INPUT when the object has parts of a wrong type
 */
export function readObject(workloads: ObjectReader, request: AdmissionRequest): Asked | null {
  const { operation, object } = request;
  if (operation === 'DELETE' || operation === 'CONNECT' || !object) return null;
  const template = workloads.podTemplateOf(object);
  if (!template) return null;
  const before = templateBefore(workloads, request);
  if (before && isDeepStrictEqual(before, template)) return null;
  const known = before ? workloads.imagesOf(before) : [];
  return { template, before, images: changedImages(known, workloads.imagesOf(template)) };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An annotation of the object itself or of its pods. */
export function annotationOf(
  object: Readonly<Record<string, unknown>> | null,
  template: PodTemplate,
  name: string,
): string | null {
  const metadata = isRecord(object?.['metadata']) ? object['metadata'] : {};
  const own = isRecord(metadata['annotations']) ? metadata['annotations'] : {};
  const value = Object.hasOwn(own, name) ? own[name] : template.annotations[name];
  return typeof value === 'string' ? value : null;
}

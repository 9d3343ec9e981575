import type { Digest } from '../digest';
import { subjectOfTag } from '../registry/referrers-index';

const LEGACY_SUFFIX = /\.(?:sig|att|sbom)$/;
const LENGTH = 'sha256-'.length + 64;

/**
 * What a tag `sha256-HEX` (distribution-spec, "Referrers Tag Schema") or `sha256-HEX.sig|.att|.sbom` (cosign, before the
 * referrers API) is attached to. Null for every other tag.
 */
export function attachedTo(tag: string): Digest | null {
  return tag.length < LENGTH ? null : subjectOfTag(tag.replace(LEGACY_SUFFIX, ''));
}

import type { Digest } from '../../../src/domain/digest';
import type { PushRecord } from '../../../src/ports/inventory';
import type { TestApi } from '../../support/api-app';
import { NOW } from '../../support/api-fixtures';

export const REPO = 'apps/checkout/checkout';
const INDEX = 'application/vnd.oci.image.index.v1+json';
const IMAGE = 'application/vnd.oci.image.manifest.v1+json';

interface Pushed {
  readonly digest: Digest;
  readonly tag?: string;
  readonly repository?: string;
  readonly children?: readonly Digest[];
}

/** As a push through the gateway leaves it in the inventory. */
export async function record({ inventory }: TestApi, pushed: Pushed): Promise<void> {
  const { digest, tag = null, repository = REPO, children = [] } = pushed;
  const push: PushRecord = {
    repository,
    digest,
    mediaType: children.length > 0 ? INDEX : IMAGE,
    artifactType: null,
    size: 2,
    subject: null,
    edges: children.map((child) => ({ kind: 'child', digest: child, size: 2, mediaType: IMAGE })),
    tag,
    writeOnce: tag !== null,
    actor: 'builder',
    at: NOW,
  };
  await inventory.beginPush(push);
  await inventory.completePush(push);
}

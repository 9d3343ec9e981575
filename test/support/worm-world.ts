import type { FakeDeps } from './fake-deps';
import { attachTo } from './contracts/registry-content';
import type { Digest } from '../../src/domain/digest';
import type { ImageRef } from '../../src/domain/reference';
import type { WormOrder } from '../../src/domain/worm/manifest';

export const SHOP = 'apps/shop/shop';
export const LOCK = '2990-01-01T00:00:00.000Z';
export const LONGER = '2991-01-01T00:00:00.000Z';

let orders = 0;

export function orderOf(digest: Digest, over: Partial<WormOrder> = {}): WormOrder {
  orders += 1;
  return {
    id: `copy-${orders}`,
    digest,
    repository: SHOP,
    reason: 'incident 4711',
    by: 'erin',
    requestedAt: '2026-03-01T12:00:00.000Z',
    lockUntil: LOCK,
    ...over,
  };
}

export interface SignedImage {
  readonly image: ImageRef;
  readonly child: Digest;
  readonly signature: Digest;
  /** About the signature: a referrer of a referrer. */
  readonly note: Digest;
  readonly legacy: Digest;
  readonly legacyTag: string;
}

/** An index of two manifests with a signature, something about that, and a legacy signature of the image below. */
export async function pushSigned(
  { registry, content }: Pick<FakeDeps, 'registry' | 'content'>,
  layers: readonly Buffer[] = [Buffer.from('a layer')],
): Promise<SignedImage> {
  const digest = registry.pushImage({ repository: SHOP, layers, provenance: { made: 'here' } });
  const image = { repository: SHOP, digest };
  const signature = await attachTo(content, image, 'signature');
  const note = await attachTo(content, { ...image, digest: signature }, 'countersigned');
  const { manifests } = await content.getManifest(image);
  const child = manifests[0]?.digest ?? digest;
  const legacyTag = `${child.replace(':', '-')}.sig`;
  const legacy = await attachTo(content, { ...image, digest: child }, 'old', legacyTag);
  return { image, child, signature, note, legacy, legacyTag };
}

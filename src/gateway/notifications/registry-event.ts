import type { RegistryNotificationEvent } from '../../contract/schema/registry-notification';
import { isDigest, type Digest } from '../../domain/digest';
import { kindOfMediaType } from '../../domain/registry/manifest-facts';
import { isRepositoryName } from '../../domain/registry/repository-class';
import { isTag } from '../../domain/registry/tag-rules';
import type { RegistryEvent } from '../../ports/inventory';

interface Seen {
  readonly repository: string;
  /** As the registry knows the sender; it seldom does. */
  readonly actor: string;
  /** What helps to find who it was. */
  readonly trace: RegistryEvent['detail'];
}

/** What the registry says has happened in it. */
export type RegistryNews = Seen &
  (
    | { readonly kind: 'manifest-pushed'; readonly digest: Digest; readonly tag: string | null }
    | { readonly kind: 'blob-stored'; readonly digest: Digest; readonly size: number }
    | { readonly kind: 'digest-deleted'; readonly digest: Digest }
    | { readonly kind: 'tag-deleted'; readonly tag: string }
  );

const MAX_TEXT = 200;

function shortened(text: string | null | undefined): string {
  // Control characters would end up in terminals and logs.
  return (text ?? '').replaceAll(/[^\x20-\x7e]/g, '?').slice(0, MAX_TEXT);
}

function seenIn({ action, target, request, actor }: RegistryNotificationEvent): Seen {
  const address = shortened(request?.addr);
  const userAgent = shortened(request?.useragent);
  const name = shortened(actor?.name);
  return {
    repository: target.repository ?? '',
    actor: name === '' ? 'unknown' : name,
    trace: {
      action: shortened(action),
      ...(address !== '' && { address }),
      ...(userAgent !== '' && { userAgent }),
    },
  };
}

/** Null for pulls and for what makes no sense: it is not worth asking for it again. */
export function readNews(event: RegistryNotificationEvent): RegistryNews | null {
  const { action, target } = event;
  const seen = seenIn(event);
  if (!isRepositoryName(seen.repository)) return null;
  const digest =
    typeof target.digest === 'string' && isDigest(target.digest) ? target.digest : null;
  const tag = typeof target.tag === 'string' && isTag(target.tag) ? target.tag : null;
  if (action === 'delete') {
    if (digest !== null) return { ...seen, kind: 'digest-deleted', digest };
    return tag === null ? null : { ...seen, kind: 'tag-deleted', tag };
  }
  if ((action !== 'push' && action !== 'mount') || digest === null) return null;
  if (kindOfMediaType(target.mediaType ?? '') !== null) {
    return { ...seen, kind: 'manifest-pushed', digest, tag };
  }
  const size = Number.isSafeInteger(target.size) ? (target.size ?? 0) : 0;
  return { ...seen, kind: 'blob-stored', digest, size };
}

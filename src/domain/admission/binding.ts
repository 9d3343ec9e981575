import { classifyRepository } from '../registry/repository-class';
import type { AllowFacts } from './allow-facts';
import type { AllowFinding } from './allow-reason';

/** Whether a digest belongs to the repository that it is pulled from: a signature does not name one (design, decision 7). */
export type Binding =
  | { readonly bound: true; readonly svc: string }
  | { readonly bound: false; readonly finding: AllowFinding };

/**
 * A repository of a service is a digest's home when a release or a write-once tag put it there; a channel repository, when that
 * channel points or pointed at it. A copy elsewhere, signature and all, is in neither record.
 */
export function bindingOf(
  repository: string,
  { homes, pins }: Pick<AllowFacts, 'homes' | 'pins'>,
): Binding {
  const place = classifyRepository(repository, []);
  if (place.kind === 'app') {
    if (homes.includes(repository)) return { bound: true, svc: place.svc };
    return { bound: false, finding: stray(repository, homes) };
  }
  if (place.kind === 'channel') {
    const isThere = pins.some(
      ({ svc, channel }) => svc === place.svc && channel.startsWith(`${place.env}:`),
    );
    if (isThere) return { bound: true, svc: place.svc };
    return { bound: false, finding: stray(repository, homes) };
  }
  return { bound: false, finding: { kind: 'no-service', repository } };
}

function stray(repository: string, homes: readonly string[]): AllowFinding {
  return homes.length > 0
    ? { kind: 'other-repository', repository, homes }
    : { kind: 'never-released', repository };
}

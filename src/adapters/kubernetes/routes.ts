import type { RolloutWrite } from '../../ports/rollout';
import { routeDrift } from './drift';
import { compareAndSet, epochOf, refuseDrift, refuseIfFenced, type Direction } from './fencing';
import { confirmRoute } from './gateway';
import type { KubeClient, Manifest } from './kube-client';
import { failed } from './kube-errors';
import { PATHS } from './kube-paths';
import { routeManifest, type At } from './manifests';
import { ANNOTATIONS, objectName } from './names';
import type { KubernetesOptions } from './options';
import { assertOurs } from './ownership';
import { NOTHING_PLACED, type Placement } from './placement';
import { atVersion } from './run-context';
import { HttpRoute, parseJson, StoredPlacement, Written } from './schema';

export interface RouteView {
  readonly placement: Placement;
  /** What somebody else changed about the split. */
  readonly drift: string | null;
}

/** The HTTPRoute of a service: epoch, what is placed and the split, in one object. */
export interface Routes {
  read(at: At): Promise<RouteView | null>;
  /** Notes the epoch and touches nothing else, so that older writers stop. Throws FENCED. */
  fence(write: RolloutWrite, direction: Direction): Promise<RouteView>;
  /** `drift` is what it has put right. Throws FENCED; ROLLOUT_FAILED when it would go forward over a drift. */
  change(
    write: RolloutWrite,
    direction: Direction,
    next: (placement: Placement) => Placement,
  ): Promise<RouteView>;
  confirm(write: RolloutWrite, direction: Direction): Promise<void>;
}

interface RouteContext {
  readonly client: KubeClient;
  readonly options: KubernetesOptions;
}

interface SeenRoute extends RouteView {
  readonly route: HttpRoute;
}

export function createRoutes(client: KubeClient, options: KubernetesOptions): Routes {
  const context = { client, options };
  return {
    read: (at) => see(context, at),
    fence: (write, direction) =>
      compareAndSet(pathOf(context, write), () => tryFence(context, write, direction)),
    change: (write, direction, next) =>
      compareAndSet(pathOf(context, write), () => tryChange(context, write, direction, next)),
    confirm: (at, direction) =>
      confirmRoute({ client, options, at, path: pathOf(context, at) }, direction),
  };
}

function folderOf({ options }: RouteContext, { env }: At): string {
  return PATHS.routes(options.namespaces[env]);
}

function pathOf(context: RouteContext, at: At): string {
  return `${folderOf(context, at)}/${objectName(at.svc)}`;
}

async function see(context: RouteContext, at: At): Promise<SeenRoute | null> {
  const route = await context.client.find(pathOf(context, at), HttpRoute);
  if (!route) {
    return null;
  }
  assertOurs('HTTPRoute', route.metadata, at.svc);
  const placement = placementOf(route);
  return { route, placement, drift: routeDrift(at, route, placement, context.options) };
}

/** Null when the name was taken meanwhile. */
async function create(
  context: RouteContext,
  at: At,
  placement: Placement,
): Promise<RouteView | null> {
  const manifest = routeManifest(at, placement, context.options);
  const made = await context.client.create(folderOf(context, at), manifest, Written);
  return made && { placement, drift: null };
}

async function tryFence(
  context: RouteContext,
  write: RolloutWrite,
  direction: Direction,
): Promise<RouteView | null> {
  const seen = await see(context, write);
  check(write, direction, seen);
  if (!seen) {
    return create(context, write, { ...NOTHING_PLACED, epoch: write.epoch });
  }
  const { placement, drift, route } = seen;
  if (placement.epoch === write.epoch) {
    return { placement, drift };
  }
  // The annotation alone: weights that somebody lowered by hand must not come back before it is decided what follows.
  const annotations = { [ANNOTATIONS.epoch]: String(write.epoch) };
  const body = atVersion({ metadata: { annotations } }, route.metadata);
  const written = await context.client.patch(pathOf(context, write), 'merge', body, Written);
  return written && { placement: { ...placement, epoch: write.epoch }, drift };
}

async function tryChange(
  context: RouteContext,
  write: RolloutWrite,
  direction: Direction,
  next: (placement: Placement) => Placement,
): Promise<RouteView | null> {
  const seen = await see(context, write);
  check(write, direction, seen);
  const before = seen?.placement ?? NOTHING_PLACED;
  const placement = { ...next(before), epoch: write.epoch };
  if (!seen) {
    return create(context, write, placement);
  }
  const { drift, route } = seen;
  if (drift === null && JSON.stringify(placement) === JSON.stringify(before)) {
    return { placement, drift };
  }
  const manifest: Manifest = routeManifest(write, placement, context.options);
  const body = atVersion(manifest, route.metadata);
  const written = await context.client.patch(pathOf(context, write), 'apply', body, Written);
  return written && { placement, drift };
}

function check(write: RolloutWrite, direction: Direction, seen: RouteView | null): void {
  refuseIfFenced(write, seen?.placement.epoch ?? 0);
  if (seen && seen.drift !== null && direction === 'forward') {
    throw refuseDrift(seen.drift);
  }
}

function placementOf({ metadata }: HttpRoute): Placement {
  const epoch = epochOf(metadata);
  const text = metadata.annotations[ANNOTATIONS.state];
  if (text === undefined) {
    return { ...NOTHING_PLACED, epoch };
  }
  const stored = StoredPlacement.safeParse(parseJson(text));
  if (!stored.success) {
    throw failed(
      `somebody changed the annotation ${ANNOTATIONS.state} of HTTPRoute ${metadata.name}: it can't be read`,
      'Put it back, or delete the HTTPRoute: the next release or rollback makes it again.',
    );
  }
  return { ...stored.data, epoch };
}

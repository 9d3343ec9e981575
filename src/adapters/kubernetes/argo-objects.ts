import type { RolloutWrite } from '../../ports/rollout';
import { compareAndSet, epochOf, refuseDrift, refuseIfFenced, type Direction } from './fencing';
import type { KubeClient, Manifest } from './kube-client';
import { failed } from './kube-errors';
import { PATHS } from './kube-paths';
import { imageOf, type At } from './manifests';
import { ANNOTATIONS, LABELS, objectName } from './names';
import type { ArgoOptions } from './options';
import { lastOtherWriter } from './ownership';
import { candidatePercent, NOTHING_PLACED, type Placement } from './placement';
import { ArgoRollout, parseJson, StoredPlacement } from './schema';

export interface ArgoContext {
  readonly client: KubeClient;
  readonly options: ArgoOptions;
}

export interface ArgoView {
  readonly rollout: ArgoRollout;
  readonly placement: Placement;
  readonly drift: string | null;
}

/** What the Rollout has to say for a placement; null = nothing runs. */
export interface Desired {
  readonly image: string;
  /** Share of the traffic that it stops at; null = it takes all. */
  readonly percent: number | null;
}

export function argoPath({ options }: ArgoContext, { svc, env }: At): string {
  return `${PATHS.argoRollouts(options.namespaces[env])}/${objectName(svc)}`;
}

export function desiredOf(placement: Placement, registryHost: string): Desired | null {
  const { stable, candidate } = placement;
  const newest = candidate ?? stable;
  if (!newest) {
    return null;
  }
  const splits = stable !== null && candidate !== null && stable.digest !== candidate.digest;
  return {
    image: imageOf(newest, registryHost),
    percent: splits ? candidatePercent(placement) : null,
  };
}

/** The Rollout is made by its team; the label says that we may set its image. Throws ROLLOUT_FAILED without it. */
export async function seeArgo(context: ArgoContext, at: At): Promise<ArgoView | null> {
  const rollout = await context.client.find(argoPath(context, at), ArgoRollout);
  if (!rollout) {
    return null;
  }
  const { name, labels, annotations } = rollout.metadata;
  if (labels[LABELS.service] !== at.svc) {
    throw failed(
      `Rollout ${name} is not handed over: it lacks the label of ${at.svc}`,
      `Label it ${LABELS.service}=${at.svc}.`,
    );
  }
  const written = annotations[ANNOTATIONS.image];
  const image = containerOf(rollout, context.options).image;
  const drifted = written !== undefined && image !== written;
  const who = lastOtherWriter(rollout.metadata);
  const drift = drifted ? `${who} changed Rollout ${name}: it runs ${image}, not ${written}` : null;
  return { rollout, placement: placementOf(rollout), drift };
}

function placementOf({ metadata }: ArgoRollout): Placement {
  const epoch = epochOf(metadata);
  const text = metadata.annotations[ANNOTATIONS.state];
  const stored = text === undefined ? undefined : StoredPlacement.safeParse(parseJson(text));
  if (stored && !stored.success) {
    throw failed(
      `somebody changed the annotation ${ANNOTATIONS.state} of Rollout ${metadata.name}: it can't be read`,
      'Put it back, or take it away: the next release writes it again.',
    );
  }
  return { ...NOTHING_PLACED, ...stored?.data, epoch };
}

function containerOf(
  { spec, metadata }: ArgoRollout,
  { container }: ArgoOptions,
): { readonly index: number; readonly image: string } {
  const containers = spec.template?.spec.containers ?? [];
  const index = container === null ? 0 : containers.findIndex(({ name }) => name === container);
  const found = containers[index];
  if (!found || spec.strategy.canary?.trafficRouting === undefined) {
    throw failed(
      `Rollout ${metadata.name} can't be followed: it needs a pod template with ${container ?? 'a container'} and canary.trafficRouting`,
      'Give it both: without traffic routing a share of 0 % has no pods.',
    );
  }
  return { index, image: found.image };
}

/** Sets image, steps, size and the record in one compare-and-set. Throws FENCED; refuses drift when it goes forward. */
export async function writeArgo(
  context: ArgoContext,
  write: RolloutWrite,
  direction: Direction,
  next: (placement: Placement) => { readonly record: Placement; readonly desired: Desired | null },
): Promise<ArgoView> {
  const path = argoPath(context, write);
  return compareAndSet(path, async () => {
    const seen = await seeArgo(context, write);
    if (!seen) {
      throw failed(
        `there is no Rollout ${objectName(write.svc)} in ${context.options.namespaces[write.env]}`,
        `Make it, with the label ${LABELS.service}=${write.svc}.`,
      );
    }
    refuseIfFenced(write, seen.placement.epoch);
    if (seen.drift !== null && direction === 'forward') {
      throw refuseDrift(seen.drift);
    }
    const { record, desired } = next(seen.placement);
    const placement = { ...record, epoch: write.epoch };
    const patch = patchOf(seen.rollout, placement, desired, context.options);
    const rollout = await context.client.patch(path, 'json', patch, ArgoRollout);
    return rollout && { rollout, placement, drift: seen.drift };
  });
}

/** JSON Patch (RFC 6902); the resourceVersion in it makes it a compare-and-set. */
function patchOf(
  rollout: ArgoRollout,
  { epoch, ...stored }: Placement,
  desired: Desired | null,
  options: ArgoOptions,
): readonly Manifest[] {
  const { metadata, spec } = rollout;
  const { index, image } = containerOf(rollout, options);
  const size = desired ? sizeBefore(rollout) : 0;
  const annotations = {
    ...metadata.annotations,
    [ANNOTATIONS.epoch]: String(epoch),
    [ANNOTATIONS.state]: JSON.stringify(stored),
    [ANNOTATIONS.image]: desired?.image ?? image,
    ...(!desired && spec.replicas > 0 ? { [ANNOTATIONS.replicas]: String(spec.replicas) } : {}),
  };
  return [
    { op: 'replace', path: '/metadata/resourceVersion', value: metadata.resourceVersion },
    { op: 'add', path: '/metadata/annotations', value: annotations },
    ...(size === spec.replicas ? [] : [{ op: 'add', path: '/spec/replicas', value: size }]),
    ...(desired
      ? [
          {
            op: 'add',
            path: `/spec/template/spec/containers/${index}/image`,
            value: desired.image,
          },
          { op: 'add', path: '/spec/strategy/canary/steps', value: stepsOf(desired, options) },
        ]
      : []),
  ];
}

/** A size of 0 that we set is undone; any other is the team's or an autoscaler's. */
function sizeBefore({ metadata, spec }: ArgoRollout): number {
  const before = Number(metadata.annotations[ANNOTATIONS.replicas] ?? '0');
  return spec.replicas === 0 && Number.isInteger(before) ? before : spec.replicas;
}

/** Argo starts again at the first step when the steps change, and takes all traffic where there are none. */
function stepsOf({ percent }: Desired, { minScalePercent }: ArgoOptions): readonly Manifest[] {
  if (percent === null) {
    return [];
  }
  return [
    { setCanaryScale: { weight: Math.max(percent, minScalePercent) } },
    { setWeight: percent },
    { pause: {} },
  ];
}

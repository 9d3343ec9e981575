import type { ImageRef } from '../../src/domain/reference';
import type { RolloutWrite } from '../../src/ports/rollout';
import type { FakeContainerRuntime } from './fakes/container-runtime';
import { startTestTarget, type TestTarget } from './target-process';

const image = (digit: string): ImageRef => ({
  repository: 'apps/shop/web',
  digest: `sha256:${digit.repeat(64)}`,
});
export const [a, b, c, d, broken] = ['a', 'b', 'c', 'd', 'f'].map(image) as [
  ImageRef,
  ImageRef,
  ImageRef,
  ImageRef,
  ImageRef,
];
export const at = (epoch: number): RolloutWrite => ({ svc: 'shop', env: 'prod', epoch });
export const idOf = ({ digest }: ImageRef): string => `prod.shop.${digest.slice(7, 23)}`;

const open: TestTarget[] = [];

/** Closed by `closeTargets`. */
export async function start(runtime: FakeContainerRuntime, stateDir?: string): Promise<TestTarget> {
  const target = await startTestTarget(runtime, stateDir);
  open.push(target);
  return target;
}

export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    if (await condition()) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('the condition never came true');
}

export async function closeTargets(): Promise<void> {
  await Promise.all(open.splice(0).map((target) => target.close()));
}

/** Answers by `track status`, of so many requests. */
export async function tracksOf(url: string, count: number): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let n = 0; n < count; n += 1) {
    const response = await fetch(url);
    await response.text();
    const track = `${response.headers.get('x-plura-track')} ${response.status}`;
    counts[track] = (counts[track] ?? 0) + 1;
  }
  return counts;
}

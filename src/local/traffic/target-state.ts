import { z } from 'zod';
import { ENVIRONMENTS } from '../../domain/reference';

const State = z.object({
  placements: z.array(
    z.object({
      svc: z.string(),
      env: z.enum(ENVIRONMENTS),
      url: z.url({ protocol: /^http$/, hostname: /^127\.0\.0\.1$/ }),
      stable: z.string().nullable(),
      candidate: z.string().nullable(),
    }),
  ),
});
export type TrafficPlacement = z.infer<typeof State>['placements'][number];

const TIMEOUT_MS = 2_000;

/** Where the target routes; throws when it doesn't say. */
export async function readPlacements(
  targetUrl: string,
  token: string,
): Promise<readonly TrafficPlacement[]> {
  const response = await fetch(new URL('/v1/state', targetUrl), {
    headers: { authorization: `Bearer ${token}` },
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`the rollout target answered ${response.status}`);
  }
  return State.parse(await response.json()).placements;
}

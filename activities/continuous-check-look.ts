import type { ServiceLook } from '../src/contract/continuous-check';
import { inParallel } from '../src/contract/in-parallel';
import { confirmFindings } from '../src/domain/continuous-check/confirm';
import type { Service } from '../src/domain/service';
import type { CheckDeps, LookAtServicesInput, LookAtServicesResult } from './continuous-check';
import { lookAtService } from './continuous-check-service';
import { heartbeating } from './heartbeat';

/** Services at once. The control worker also serves rollbacks. */
const PARALLEL = 4;
const CHUNK = 8;
/** A slice ends after so long, or with so many that are not well: both bound what one activity may lose or return. */
const SLICE_MS = 60_000;
const MAX_TROUBLED = 40;

function byName({ services }: Pick<CheckDeps, 'services'>): readonly Service[] {
  return services.toSorted((a, b) => (a.svc < b.svc ? -1 : 1));
}

export function lookAtServices(
  deps: CheckDeps,
  { after, runId }: LookAtServicesInput,
): Promise<LookAtServicesResult> {
  return heartbeating(async (signal, note) => {
    const left = byName(deps).filter(({ svc }) => after === null || svc > after);
    const endsAt = deps.now().getTime() + SLICE_MS;
    const looks: ServiceLook[] = [];
    const troubled = (): readonly ServiceLook[] =>
      looks.filter(({ findings }) => findings.length > 0);
    while (looks.length < left.length) {
      signal.throwIfAborted();
      const chunk = left.slice(looks.length, looks.length + CHUNK);
      note(chunk[0]?.svc ?? '');
      looks.push(...(await inParallel(chunk, PARALLEL, (service) => lookAtService(deps, service))));
      if (deps.now().getTime() >= endsAt || troubled().length >= MAX_TROUBLED) break;
    }
    await recordWell(deps, runId, looks);
    return {
      next: looks.length < left.length ? (looks.at(-1)?.svc ?? null) : null,
      services: looks.length,
      digests: looks.reduce((sum, { digests }) => sum + digests, 0),
      troubled: troubled(),
    };
  });
}

async function recordWell(
  { checks, now }: CheckDeps,
  runId: string,
  looks: readonly ServiceLook[],
): Promise<void> {
  const at = now().toISOString();
  const well = looks.filter(({ findings }) => findings.length === 0);
  await inParallel(well, PARALLEL, ({ svc, digests }) =>
    checks.record({ svc, runId, at, outcome: 'ok', digests, findings: [], note: '' }),
  );
}

export function confirmServices(
  deps: CheckDeps,
  first: readonly ServiceLook[],
): Promise<readonly ServiceLook[]> {
  return heartbeating(async (signal) => {
    const looks = await inParallel(first, PARALLEL, async ({ svc, findings }) => {
      signal.throwIfAborted();
      const service = deps.services.find((one) => one.svc === svc);
      if (!service) return null;
      const second = await lookAtService(deps, service);
      return { ...second, findings: confirmFindings(findings, second.findings) };
    });
    return looks.filter((look) => look !== null);
  });
}

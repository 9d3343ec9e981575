import { ExceptionDetail, ExceptionParams } from '../../../contract/schema/api-exception';
import type { CoveredImage } from '../../../ports/exceptions';
import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import { describeException } from '../../exception/describe-exception';
import { findException } from '../../exception/find-exception';
import { answers } from '../answers';

const MAX_COVERED = 100;

async function describeCovered(
  { ledger }: Pick<ApiDependencies, 'ledger'>,
  images: readonly CoveredImage[],
): Promise<ExceptionDetail['covers']> {
  const services = [...new Set(images.map(({ svc }) => svc))];
  const channels = new Map(
    await Promise.all(services.map(async (svc) => [svc, await ledger.listChannels(svc)] as const)),
  );
  return images.map(({ svc, digest, releaseId }) => {
    const held = (channels.get(svc) ?? []).filter((one) => one.digest === digest);
    return { svc, digest, releaseId, channels: held.map(({ channel }) => channel) };
  });
}

export function registerGetException(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/exceptions/:id',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'One exception with its countdown, and the digests whose last pass rests on it',
        params: ExceptionParams,
        response: answers({ 200: ExceptionDetail }),
      },
    },
    async ({ params }) => {
      const exception = await findException(deps, params.id);
      const images = await deps.exceptions.coveredBy(exception.id, MAX_COVERED);
      const covers = await describeCovered(deps, images);
      return { ...describeException(exception, deps.now()), covers };
    },
  );
}

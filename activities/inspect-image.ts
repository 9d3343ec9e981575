import type { Digest } from '../src/domain/digest';
import { refuseRootImage } from '../src/domain/dockerfile';
import { checkLabels, type Labels } from '../src/domain/labels';
import type { BuildPolicy } from '../src/domain/policy';
import { appRepository } from '../src/domain/reference';
import type { Service } from '../src/domain/service';
import type { Deps } from './deps';

export interface InspectImageInput {
  readonly service: Service;
  readonly digest: Digest;
  readonly policy: BuildPolicy;
  /** Labels that must have these very values. */
  readonly expectedLabels: Labels;
}

interface Fault {
  readonly message: string;
  readonly remedy: string;
}

/** What is wrong with an image as it lies in the registry, whoever built it. Throws DIGEST_NOT_FOUND. */
export async function inspectImage(
  { registry, ledger }: Pick<Deps, 'registry' | 'ledger'>,
  { service, digest, policy, expectedLabels }: InspectImageInput,
): Promise<readonly Fault[]> {
  const image = { repository: appRepository(service.svc, service.name), digest };
  // First: the gateway shows nothing of a quarantined digest, and that is a verdict, no error.
  if (await ledger.isQuarantined(digest)) {
    return [{ message: 'The digest is quarantined.', remedy: 'Ask security to lift it.' }];
  }
  const [config, bad] = await Promise.all([
    registry.getImageConfig(image),
    ledger.findBad(service.svc, digest),
  ]);
  const labels = checkLabels(config.labels, policy.requiredLabels, expectedLabels);
  const root = refuseRootImage(config.user, policy);
  return [
    ...(labels.accepted ? [] : [{ message: labels.message, remedy: 'Build with these labels.' }]),
    ...(root ? [root] : []),
    ...(bad
      ? [
          {
            message: `The digest is remembered as bad since ${bad.at}: ${bad.reason}.`,
            remedy: 'Release it explicitly first, if that is meant.',
          },
        ]
      : []),
  ];
}

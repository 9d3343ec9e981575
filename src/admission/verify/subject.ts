import type { ImageRef } from '../../domain/reference';
import { appRepository, ENVIRONMENTS } from '../../domain/reference';
import { classifyRepository } from '../../domain/registry/repository-class';
import type { Service } from '../../domain/service';
import { KEY_IDS } from '../../ports/signer';

/** What an image is to us, which says what must be known of it. */
export type Subject =
  | {
      readonly kind: 'release';
      readonly service: Service;
      /** Where it was released and its evidence is attached; a channel's repository holds the same digest. */
      readonly image: ImageRef;
      readonly keyId: string;
    }
  /** A base or a tool that its custodian keeps. */
  | { readonly kind: 'system'; readonly image: ImageRef; readonly keyId: string }
  | { readonly kind: 'foreign'; readonly why: string };

function released(service: Service | undefined, { repository, digest }: ImageRef): Subject {
  if (!service) {
    return { kind: 'foreign', why: `${repository} belongs to no service of the catalogue.` };
  }
  const image = { repository: appRepository(service.svc, service.name), digest };
  return { kind: 'release', service, image, keyId: KEY_IDS.release(service.region) };
}

export function subjectOf(image: ImageRef, services: readonly Service[]): Subject {
  const place = classifyRepository(image.repository, []);
  switch (place.kind) {
    case 'app':
      return released(
        services.find(({ svc, name }) => svc === place.svc && name === place.name),
        image,
      );
    case 'channel':
      return released(
        ENVIRONMENTS.some((env) => env === place.env)
          ? services.find(({ svc }) => svc === place.svc)
          : undefined,
        image,
      );
    case 'base':
    case 'mirror':
      return { kind: 'system', image, keyId: KEY_IDS.bases };
    case 'chart':
    case 'open':
    case 'unknown':
      return { kind: 'foreign', why: `${image.repository} is no repository that images run from.` };
  }
}

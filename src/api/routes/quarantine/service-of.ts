import type { QuarantinePlace } from '../../../ports/quarantine';

/** For what belongs to no service, in the audit trail. */
export const NO_SERVICE = '*';

/** The service whose trail a quarantine stands in: the first one that has the digest. */
export function serviceOf(places: readonly QuarantinePlace[]): string {
  const app = places.find(({ repository }) => /^(apps|charts)\//.test(repository));
  return app?.repository.split('/')[1] ?? NO_SERVICE;
}

import { ReleaseError } from '../../contract/errors';
import type { Digest } from '../../domain/digest';

export function quarantined(digest: Digest): ReleaseError {
  return new ReleaseError('QUARANTINED', `${digest} is quarantined`, {
    details: {
      field: 'digest',
      remedy: `see why: plura reg quarantine show ${digest}; or promote another build`,
    },
  });
}

import { classifyRepository } from '../../domain/registry/repository-class';
import { NO_SERVICE } from '../routes/quarantine/service-of';

/** The service whose audit trail an entry about a repository stands in. */
export function serviceOfRepository(repository: string | null): string {
  const place = classifyRepository(repository ?? '', []);
  return 'svc' in place ? place.svc : NO_SERVICE;
}

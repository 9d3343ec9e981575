import { classifyRepository } from '../registry/repository-class';
import type { Service } from '../service';
import { NO_GROUP } from './figures';

/** Where the bytes of a repository are counted. */
export interface Place {
  readonly repository: string;
  readonly service: string;
  readonly team: string;
}

/** A service is known by the repository's name, its team by the catalogue; bases, mirrors and open prefixes have neither. */
export function placesOf(
  repositories: readonly string[],
  services: readonly Pick<Service, 'svc' | 'team'>[],
): readonly Place[] {
  const teams = new Map(services.map(({ svc, team }) => [svc, team]));
  return repositories.map((repository) => {
    const kind = classifyRepository(repository, []);
    const service = 'svc' in kind ? kind.svc : NO_GROUP;
    return { repository, service, team: teams.get(service) ?? NO_GROUP };
  });
}

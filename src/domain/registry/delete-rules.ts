import type { Principal } from './principal';
import { ALLOWED, refuse, type Ruling } from './refusal';
import type { RepositoryClass } from './repository-class';

/** Apart from overwrite protection: a tag may be safe from one and open to the other. */
export function judgeDelete(
  repository: RepositoryClass,
  { kind, name }: Principal,
  target: 'tag' | 'manifest' | 'blob',
): Ruling {
  if (repository.kind === 'open') return ALLOWED;
  if (target === 'blob') {
    return refuse({
      code: 'UNSUPPORTED',
      rule: 'no-blob-delete',
      message: 'Blobs are not deleted one by one',
      remedy: 'bytes come back when the registry reclaims what nothing refers to',
    });
  }
  return kind === 'system'
    ? ALLOWED
    : refuse({
        code: 'DENIED',
        rule: 'delete-by-system-only',
        message: `${name} may not delete here`,
        remedy:
          'retention removes what is no longer needed; hide a digest with plura reg quarantine',
      });
}

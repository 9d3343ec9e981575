import { judgeDelete } from '../../../../src/domain/registry/delete-rules';
import type { Principal } from '../../../../src/domain/registry/principal';
import { classifyRepository } from '../../../../src/domain/registry/repository-class';

function judged(
  repository: string,
  kind: Principal['kind'],
  target: 'tag' | 'manifest' | 'blob',
): string {
  const ruling = judgeDelete(
    classifyRepository(repository, ['scratch']),
    { name: kind, kind, scopes: [] },
    target,
  );
  return ruling.allowed ? 'allowed' : ruling.refusal.rule;
}

describe('judgeDelete', () => {
  it.each([
    'apps/checkout/web',
    'charts/checkout',
    'channels/prod/checkout',
    'bases/static',
    'mirror/x',
    'elsewhere',
  ])('leaves %s to the system', (repository) => {
    for (const target of ['tag', 'manifest'] as const) {
      expect(judged(repository, 'system', target)).toBe('allowed');
      expect(judged(repository, 'robot', target)).toBe('delete-by-system-only');
      expect(judged(repository, 'custodian', target)).toBe('delete-by-system-only');
      expect(judged(repository, 'observer', target)).toBe('delete-by-system-only');
    }
  });

  it('lets nobody delete a blob that a manifest may need', () => {
    expect(judged('apps/checkout/web', 'system', 'blob')).toBe('no-blob-delete');
  });

  it('leaves an open prefix to its pushers', () => {
    for (const target of ['tag', 'manifest', 'blob'] as const) {
      expect(judged('scratch/x', 'robot', target)).toBe('allowed');
    }
  });
});

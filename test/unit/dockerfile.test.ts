import path from 'node:path';
import { loadPolicy } from '../../src/config/policy-file';
import { parseDockerfile } from '../../src/contract/schema/dockerfile';
import { imageName, inspectDockerfile } from '../../src/domain/dockerfile';
import { readText, ROOT } from '../support/compose-file';

describe('the Dockerfile of the product', () => {
  const { policy } = loadPolicy(path.join(ROOT, 'deploy/policy/default.yaml'));
  const inspection = inspectDockerfile(parseDockerfile(readText('Dockerfile')), policy.build);

  it("passes the product's own policy", () => {
    expect(inspection.refusals).toEqual([]);
    expect(inspection.multiStage).toBe(true);
    expect(inspection.finalUser).toBe('65532:65532');
  });

  it('starts from allow-listed bases only', () => {
    const names = inspection.images.map(imageName);

    expect(names.filter((name) => !policy.build.bases.allow.includes(name))).toEqual([]);
    expect(names.length).toBeGreaterThan(0);
  });

  it('carries every label that the policy requires', () => {
    const text = readText('Dockerfile');

    const missing = policy.build.requiredLabels.filter((label) => !text.includes(` ${label}="$`));

    expect(missing).toEqual([]);
  });
});

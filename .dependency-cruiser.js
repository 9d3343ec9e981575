'use strict';

/**
 * The cut (docs/architecture.md) as executable law. Each row names a layer and all that it may
 * import from this repository; everything else is refused.
 */
const layers = {
  '^src/domain/': ['^src/domain/'],
  '^src/contract/': ['^src/(contract|domain)/'],
  '^src/ports/': ['^src/(ports|domain)/'],
  '^src/adapters/': ['^src/(adapters|ports|domain|contract)/'],
  '^src/orchestrator/': ['^src/(orchestrator|contract|domain)/', '^workflows/'],
  '^src/gateway/': ['^src/(gateway|contract|domain|ports)/'],
  '^src/admission/': ['^src/(admission|contract|domain|ports)/'],
  '^src/api/': ['^src/(api|contract|domain|ports|orchestrator)/'],
  '^src/dashboard/': ['^src/(dashboard|contract)/'],
  '^src/cli/': ['^src/(cli|contract|domain)/'],
  '^src/config/': ['^src/(config|contract|domain)/'],
  '^src/local/': ['^src/(local|contract|domain|ports|adapters|config)/'],
  '^activities/': ['^activities/', '^src/(domain|contract|ports)/'],
};

const allowedRule = ([from, to]) => ({
  name: `layer ${from}`,
  severity: 'error',
  from: { path: from },
  to: { path: '^(src|workflows|activities|test)/', pathNot: [...to] },
});

module.exports = {
  forbidden: [
    ...Object.entries(layers).map(allowedRule),
    {
      name: 'workflows import domain, contract (zod-free) and activity types only',
      severity: 'error',
      from: { path: '^workflows/' },
      to: {
        path: '^(src|activities|test)/',
        pathNot: ['^src/domain/', '^src/contract/[^/]+\\.ts$', '^activities/'],
      },
    },
    {
      name: 'workflows see activities as types',
      severity: 'error',
      from: { path: '^workflows/' },
      to: { path: '^activities/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'an adapter never imports another adapter',
      severity: 'error',
      from: { path: '^src/adapters/([^/]+)/' },
      to: { path: '^src/adapters/', pathNot: ['^src/adapters/$1/'] },
    },
    {
      name: 'zod stays out of the workflow bundle',
      severity: 'error',
      from: { path: '^(workflows/|src/domain/|src/contract/[^/]+\\.ts$)' },
      to: { path: 'node_modules/zod' },
    },
    {
      name: 'domain imports nothing',
      severity: 'error',
      from: { path: '^src/domain/' },
      to: { pathNot: ['^src/domain/'] },
    },
    {
      name: 'no cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'nothing imports tests',
      severity: 'error',
      from: { path: '^(src|workflows|activities)/' },
      to: { path: '^test/' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|\\.plura)/' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.json'] },
  },
};

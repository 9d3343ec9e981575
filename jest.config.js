'use strict';

// Packages that ship ES modules only: Jest's CommonJS loader needs them transformed.
const esmOnly = ['jose', 'fastify-type-provider-zod', '@noble', 'cookie'];

const shared = {
  rootDir: __dirname,
  testEnvironment: 'node',
  transform: {
    '^.+\\.(t|j)sx?$': [
      '@swc/jest',
      { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esmOnly.join('|')})/)`],
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/.plura'],
};

/** Names of files in test/e2e. */
const CANARIES = 'canary-';

function project(name, extra = {}) {
  return {
    ...shared,
    displayName: name,
    testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
    ...extra,
  };
}

module.exports = {
  // A limit for what hangs, not for what is slow on a busy machine.
  testTimeout: 30_000,
  projects: [
    project('unit'),
    project('workflow'),
    project('replay'),
    project('integration'),
    project('e2e', { testPathIgnorePatterns: ['/node_modules/', CANARIES] }),
    // Whole stacks again, whose windows are short and measured: they run while nothing else does.
    project('canary', { testMatch: [`<rootDir>/test/e2e/**/${CANARIES}*.test.ts`] }),
  ],
};

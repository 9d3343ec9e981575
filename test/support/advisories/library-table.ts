import type { LibrarySpec } from './sbom';

/** A library with the advisories that hit it; none where the row is on a border or beside it. */
export type LibraryRow = LibrarySpec & { readonly hits: readonly string[] };

function rows(
  type: string,
  name: string,
  versions: Readonly<Record<string, readonly string[]>>,
): readonly LibraryRow[] {
  return Object.entries(versions).map(([version, hits]) => ({ type, name, version, hits }));
}

const NPM = [
  ...rows('npm', 'qs', { '6.2.3': ['CVE-2022-24999'], '6.2.4': [], '6.9.0-rc.1': [], '6.10.2': ['CVE-2022-24999'] }),
  ...rows('npm', 'minimist', { '0.2.3': ['CVE-2021-44906'], '0.2.5': [], '1.2.6': [] }),
  ...rows('npm', 'lodash', { '3.10.1': ['CVE-2021-23337'], '4.17.20': ['CVE-2020-28500', 'CVE-2021-23337'] }),
  ...rows('npm', 'semver', { '5.7.1': ['CVE-2022-25883'], '6.3.1': [], '7.5.2-beta.0': ['CVE-2022-25883'] }),
  ...rows('npm', 'express', {
    '4.19.1': ['CVE-2024-29041'],
    '5.0.0-beta.1': ['CVE-2024-29041'],
    '5.0.0-alpha.0': [],
    '5.0.0-beta.3': [],
  }),
  ...rows('npm', 'follow-redirects', { '1.15.5': ['CVE-2024-28849'], '1.15.6': [] }),
  ...rows('npm', 'ansi-regex', { '5.0.0': ['CVE-2021-3807'], '5.0.1': [], '2.1.1': [] }),
  ...rows('npm', 'ws', { '8.17.0': ['CVE-2024-37890'], '5.2.4': [], '1.1.5': [] }),
  ...rows('npm', 'next', { '15.2.2': ['CVE-2025-29927'], '15.2.3': [], '14.2.25-canary.1': ['CVE-2025-29927'] }),
  ...rows('npm', '@babel/traverse', { '7.23.0': ['CVE-2023-45133'], '8.0.0-alpha.3': ['CVE-2023-45133'], '8.0.0-alpha.4': [] }),
  // Not a version of npm, so the scanner makes nothing of it.
  ...rows('npm', 'body-parser', { '1.20': [], '1.20.2+build.7': ['CVE-2024-45590'] }),
];

const PYTHON = [
  ...rows('pypi', 'requests', { '2.30.0': ['CVE-2023-32681'], '2.31.0': [], '2.31.0.dev1': ['CVE-2023-32681'] }),
  ...rows('pypi', 'urllib3', { '1.26.16.post1': ['CVE-2023-43804'], '2.0.5': ['CVE-2023-43804'], '1.26.17': [] }),
  ...rows('pypi', 'Django', { '3.2.13': ['CVE-2022-34265'], '4.0a1': ['CVE-2022-34265'], '4.0.dev1': [], '1!3.2.13': [] }),
  ...rows('pypi', 'certifi', { '2023.5.7': ['CVE-2023-37920'], '2023.07.22': [], '14.5.14': [] }),
  ...rows('pypi', 'Jinja2', { '3.1.3rc1': ['CVE-2024-22195'], 'v3.1.2': ['CVE-2024-22195'] }),
  ...rows('pypi', 'PyYAML', { '5.3.1': ['CVE-2020-14343'], '5.4.post1': [] }),
  ...rows('pypi', 'Flask', { '2.3.1': ['CVE-2023-30861'], '2.2.5': [] }),
  ...rows('pypi', 'cryptography', { '38.0.4': ['CVE-2023-0286'], '0.8': [] }),
  ...rows('pypi', 'setuptools', { '69.5.1+local.2': ['CVE-2024-6345'], '70.0.0': [], '70.0.0rc1+local': [] }),
];

const GO = [
  ...rows('golang', 'golang.org/x/text', { 'v0.3.6': ['CVE-2021-38561'], 'v0.3.7': [] }),
  ...rows('golang', 'golang.org/x/net', { 'v0.16.0': ['CVE-2023-39325'] }),
  ...rows('golang', 'golang.org/x/crypto', {
    'v0.0.0-20210921155107-089bfa567519': ['CVE-2022-27191', 'CVE-2023-48795', 'CVE-2024-45337'],
    'v0.0.0-20220314234659-1baeb1ce4c0b': ['CVE-2023-48795', 'CVE-2024-45337'],
    'v0.30.0': ['CVE-2024-45337'],
    'v0.31.0': [],
  }),
  ...rows('golang', 'github.com/dgrijalva/jwt-go', { 'v3.2.0+incompatible': ['CVE-2020-26160'], 'v4.0.0-preview1': [] }),
  ...rows('golang', 'github.com/docker/docker', {
    'v20.10.27+incompatible': ['CVE-2024-41110'],
    'v25.0.6+incompatible': [],
    'v27.1.0+incompatible': ['CVE-2024-41110'],
  }),
  ...rows('golang', 'stdlib', { '1.22.0-rc.2': ['CVE-2024-24790'], '1.22.4': [], 'v1.21.10': ['CVE-2024-24790'] }),
];

const MAVEN = [
  ...rows('maven', 'org.apache.logging.log4j:log4j-core', {
    '2.14.1': ['CVE-2021-44228'],
    '2.0-beta9': ['CVE-2021-44228'],
    '2.0-beta8': [],
    '2.3.1': [],
    '2.12.2': [],
  }),
  ...rows('maven', 'org.springframework:spring-beans', {
    '5.3.17': ['CVE-2022-22965'],
    '5.2.19.RELEASE': ['CVE-2022-22965'],
    '5.2.20.RELEASE': [],
    '5.2.20': [],
    '5.3.18-SNAPSHOT': ['CVE-2022-22965'],
  }),
  ...rows('maven', 'org.apache.commons:commons-text', { '1.9': ['CVE-2022-42889'], '1.4': [], '1.10': [] }),
  ...rows('maven', 'com.fasterxml.jackson.core:jackson-databind', {
    '2.13.2': ['CVE-2020-36518'],
    '2.13.2.1': [],
    '2.12.6': ['CVE-2020-36518'],
    '2.9.10.6': ['CVE-2020-36518', 'CVE-2021-20190'],
  }),
  ...rows('maven', 'org.yaml:snakeyaml', { '1.33': ['CVE-2022-1471'], '2.0': [] }),
  ...rows('maven', 'com.google.guava:guava', { '31.1-jre': ['CVE-2023-2976'], '32.0.0-jre': [], '32.0.0-android': [] }),
  ...rows('maven', 'log4j:log4j', { '1.2.17': ['CVE-2022-23307'], '1.2.17-16': [] }),
];

const OTHERS = [
  ...rows('gem', 'rack', { '2.2.8': ['CVE-2024-26141'], '2.2.8.1': [], '3.0.9': ['CVE-2024-26141'], '1.2.8': [] }),
  ...rows('gem', 'nokogiri', { '1.13.4.rc1': ['CVE-2022-24836'], '1.13.4': [] }),
  ...rows('cargo', 'tokio', { '1.8.3': ['CVE-2021-45710'], '1.8.4': [], '1.13.0': ['CVE-2021-45710'] }),
  ...rows('cargo', 'regex', { '1.5.4': ['CVE-2022-24713'] }),
  ...rows('nuget', 'Newtonsoft.Json', { '12.0.3': ['CVE-2024-21907'], '13.0.1': [] }),
  ...rows('composer', 'guzzlehttp/psr7', { '1.8.3': ['CVE-2022-24775'], 'v2.1.0': ['CVE-2022-24775'], '1.9.0': [] }),
];

export const LIBRARY_ROWS: readonly LibraryRow[] = [...NPM, ...PYTHON, ...GO, ...MAVEN, ...OTHERS];

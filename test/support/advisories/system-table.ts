import type { SystemPackageSpec, SystemSpec } from './sbom';

/** A package of an image with the advisories that hit it; none where the row is on a border or beside it. */
export type SystemRow = SystemPackageSpec & { readonly hits: readonly string[] };

export interface SystemImage {
  readonly system: SystemSpec;
  readonly rows: readonly SystemRow[];
}

function row(
  name: string,
  version: string,
  hits: readonly string[] = [],
  rest: Partial<SystemRow> = {},
): SystemRow {
  return { name, version, hits, ...rest };
}

const of = (source: string, sourceVersion?: string): Partial<SystemRow> => ({
  source,
  ...(sourceVersion ? { sourceVersion } : {}),
});

const DEBIAN: readonly SystemImage[] = [
  {
    system: { family: 'debian', release: '11.8', type: 'deb' },
    rows: [
      row('libssl1.1', '1.1.1k-1+deb11u1', ['CVE-2022-0778', 'CVE-2023-0286'], of('openssl')),
      row('openssl', '1.1.1k-1+deb11u2', ['CVE-2023-0286']),
      row('libssl-dev', '1.1.1n-0+deb11u4', [], of('openssl')),
      // The source has an epoch that the binary package may lack.
      row('zlib1g', '1:1.2.11.dfsg-2+deb11u1', ['CVE-2022-37434'], of('zlib')),
      row('zlib1g-dev', '1:1.2.11.dfsg-2+deb11u2', [], of('zlib')),
      row('minizip', '1.2.11', ['CVE-2022-37434'], of('zlib', '1:1.2.11.dfsg-2')),
      row('dpkg', '1.20.9', ['CVE-2022-1664']),
      row('dpkg-dev', '1.20.10', [], of('dpkg')),
      row('libdpkg-dev', '1.20.10~rc1', ['CVE-2022-1664'], of('dpkg')),
      row('curl', '7.88.1-10+deb12u4~bpo11+1'),
      row('libcurl4', '7.74.0-1.3+deb11u9', ['CVE-2023-38545'], of('curl')),
      row('libcurl4-doc', '7.74.0-1.3+deb11u10~bpo10+1', ['CVE-2023-38545'], of('curl')),
      row('liblog4j2-java', '2.13.3-1', ['CVE-2021-44228'], of('apache-log4j2')),
      row('liblog4j2-java-doc', '2.15.0-1', [], of('apache-log4j2')),
      row('libsystemd0', '247.3-7+deb11u4', ['CVE-2013-4392'], of('systemd')),
    ],
  },
  {
    system: { family: 'debian', release: '12.5', type: 'deb' },
    rows: [
      row('libcurl4', '7.88.1-10+deb12u3', ['CVE-2023-38545'], of('curl')),
      row('curl', '7.88.1-10+deb12u4'),
      row('libssl3', '3.0.11-1~deb12u1', ['CVE-2023-5363', 'CVE-2024-5535'], of('openssl')),
      row('openssl', '3.0.11-1', ['CVE-2024-5535']),
      row('libssl-dev', '3.0.15-1~deb12u1', [], of('openssl')),
      row('openssh-server', '1:9.2p1-2+deb12u2', ['CVE-2024-6387'], of('openssh')),
      row('openssh-client', '1:9.2p1-2+deb12u3', [], of('openssh')),
      row('ssh', '9.9p1-1', ['CVE-2024-6387'], of('openssh')),
      row('libc6', '2.36-9+deb12u2', ['CVE-2023-4911', 'CVE-2024-2961'], of('glibc')),
      row('libc-bin', '2.36-9+deb12u4', ['CVE-2024-2961'], of('glibc')),
      row('locales', '2.36-9+deb12u10', [], of('glibc')),
      row('libwebp7', '1.2.4-0.2', ['CVE-2023-4863'], of('libwebp')),
      row('webp', '1.2.4-0.2+deb12u1', [], of('libwebp')),
      row('libexpat1', '2.5.0-1', ['CVE-2024-45491'], of('expat')),
      row('imagemagick', '8:6.9.11.60+dfsg-1.6', ['CVE-2023-34151']),
      row('imagemagick-6-common', '8:6.9.11.60+dfsg-1.6+deb12u2', [], of('imagemagick')),
      row('zlib1g', '1:1.2.13.dfsg-1', ['CVE-2023-45853'], of('zlib')),
      row('tar', '1.34+dfsg-1.2+deb12u1', ['CVE-2005-2541']),
      row('libudev1', '252.22-1~deb12u1', ['CVE-2013-4392'], of('systemd')),
    ],
  },
  {
    system: { family: 'debian', release: '13', type: 'deb' },
    rows: [
      row('sudo', '1.9.16p2-2', ['CVE-2025-32463']),
      row('sudo-ldap', '1.9.16p2-3', [], of('sudo')),
      row('xz-utils', '5.6.1-1', ['CVE-2024-3094']),
      row('liblzma5', '5.6.1+really5.4.5-1', [], of('xz-utils')),
      row('liblzma-dev', '5.8.1-1', [], of('xz-utils')),
      row('openssl', '3.5.1-1', ['CVE-2025-9230']),
      row('libxml2', '2.12.7+dfsg+really2.9.14-2.1', ['CVE-2025-49794']),
      row('libxml2-utils', '2.14.3+dfsg-1', [], of('libxml2')),
      row('tar', '1.35+dfsg-3.1', ['CVE-2005-2541']),
    ],
  },
];

const ALPINE: readonly SystemImage[] = [
  {
    system: { family: 'alpine', release: '3.18.4', type: 'apk' },
    rows: [
      row('libssl3', '3.1.3-r0', ['CVE-2023-5363', 'CVE-2023-5678'], of('openssl')),
      row('libcrypto3', '3.1.4-r0', ['CVE-2023-5678'], of('openssl')),
      row('openssl', '3.1.4-r1'),
      row('openssl-dev', '3.1.4_alpha1-r5', ['CVE-2023-5363', 'CVE-2023-5678'], of('openssl')),
      row('curl', '8.3.0-r0', ['CVE-2023-38545']),
      row('libcurl', '8.10.0-r0', [], of('curl')),
      row('busybox', '1.36.1-r0', ['CVE-2022-48174']),
      row('ssl_client', '1.36.1-r10', [], of('busybox')),
      row('openssh-server', '9.3_p1-r3', ['CVE-2024-6387'], of('openssh')),
      row('openssh-client', '9.3_p2-r2', [], of('openssh')),
      row('ncurses-libs', '6.4_p20230401-r4', ['CVE-2023-29491'], of('ncurses')),
      row('ncurses-terminfo-base', '6.4_p20230506-r0', [], of('ncurses')),
    ],
  },
  {
    system: { family: 'alpine', release: '3.19.1', type: 'apk' },
    rows: [
      row('libssl3', '3.1.5-r9', ['CVE-2024-5535'], of('openssl')),
      row('musl', '1.2.4_git20230717-r4', ['CVE-2025-26519']),
      row('musl-utils', '1.2.4_git20230717-r5', [], of('musl')),
      row('musl-dev', '1.2.4-r9', ['CVE-2025-26519'], of('musl')),
      row('openssh', '9.6_p1-r0', ['CVE-2024-6387']),
      row('openssh-keygen', '9.6_p1-r1', [], of('openssh')),
    ],
  },
  {
    system: { family: 'alpine', release: '3.20.0', type: 'apk' },
    rows: [
      row('libcrypto3', '3.3.1-r3', ['CVE-2024-6119'], of('openssl')),
      row('libexpat', '2.6.2-r0', ['CVE-2024-45491'], of('expat')),
      row('openssh-server', '9.7_p1-r3', ['CVE-2024-6387'], of('openssh')),
      row('musl', '1.2.5-r0', ['CVE-2025-26519']),
      row('musl-utils', '1.2.5-r10', [], of('musl')),
    ],
  },
  {
    system: { family: 'alpine', release: '3.21.3', type: 'apk' },
    rows: [
      row('libssl3', '3.3.2-r4', ['CVE-2024-12797'], of('openssl')),
      row('libcrypto3', '3.3.3-r0', [], of('openssl')),
      row('musl', '1.2.5-r8', ['CVE-2025-26519']),
    ],
  },
  {
    system: { family: 'alpine', release: '3.22.2', type: 'apk' },
    rows: [
      row('libssl3', '3.5.3-r1', ['CVE-2025-9230'], of('openssl')),
      row('sqlite-libs', '3.49.2-r0', ['CVE-2025-6965'], of('sqlite')),
      row('libxml2', '2.13.8-r0', ['CVE-2025-49794']),
      row('libxml2-utils', '2.13.9_rc1-r0', ['CVE-2025-49794'], of('libxml2')),
    ],
  },
];

const UBUNTU: readonly SystemImage[] = [
  {
    system: { family: 'ubuntu', release: '18.04', type: 'deb' },
    rows: [
      row('sudo', '1.8.21p2-3ubuntu1.3', ['CVE-2021-3156']),
      row('sudo-ldap', '1.8.21p2-3ubuntu1.10', [], of('sudo')),
    ],
  },
  {
    system: { family: 'ubuntu', release: '20.04', type: 'deb' },
    rows: [
      row('libssl1.1', '1.1.1f-1ubuntu2.11', ['CVE-2022-0778'], of('openssl')),
      row('openssl', '1.1.1f-1ubuntu2.12'),
    ],
  },
  {
    system: { family: 'ubuntu', release: '22.04', type: 'deb' },
    rows: [
      row('libssl3', '3.0.2-0ubuntu1.6', ['CVE-2022-3602'], of('openssl')),
      row('openssl', '3.0.2-0ubuntu1.10'),
      row('libc6', '2.35-0ubuntu3.1', ['CVE-2023-4911'], of('glibc')),
      row('openssh-client', '1:8.9p1-3ubuntu0.6', ['CVE-2024-6387'], of('openssh')),
      row('openssh-server', '1:8.9p1-3ubuntu0.10', [], of('openssh')),
      row('binutils', '2.38-4ubuntu2.6', ['CVE-2017-13716']),
    ],
  },
  {
    system: { family: 'ubuntu', release: '24.04', type: 'deb' },
    rows: [
      row('openssh-server', '1:9.6p1-3ubuntu13', ['CVE-2024-6387'], of('openssh')),
      row('openssh-client', '1:9.6p1-3ubuntu13.3', [], of('openssh')),
    ],
  },
];

const CONTENT: Partial<SystemRow> = {
  properties: [
    ['ContentSet', 'ubi-8-baseos-rpms__8'],
    ['NVR', 'ubi8-container-8.5-226'],
    ['Arch', 'x86_64'],
  ],
};
const ELSEWHERE: Partial<SystemRow> = { properties: [['ContentSet', 'ubi-9-baseos-rpms']] };
const PHP = 'php:7.2:8010020191122191516:cdc1202b';
const OPENSSL_2023 = ['CVE-2022-4304', 'CVE-2022-4450', 'CVE-2023-0215', 'CVE-2023-0286'];

const RED_HAT: readonly SystemImage[] = [
  {
    system: { family: 'redhat', release: '8.10', type: 'rpm' },
    rows: [
      row('openssl-libs', '1:1.1.1k-5.el8_5', ['CVE-2022-0778', ...OPENSSL_2023], CONTENT),
      row('openssl', '1:1.1.1k-6.el8_5', OPENSSL_2023),
      row('glibc', '2.28-236.el8_9.12', ['CVE-2024-2961']),
      row('expat', '2.2.5-15.el8', ['CVE-2024-45490', 'CVE-2024-45491', 'CVE-2024-45492']),
      row('php', '7.2.11-1.module+el8.0.0+2481+a0b3c9a2', ['CVE-2019-11043'], { module: PHP }),
      row('php-cli', '7.2.11-1.module+el8.0.0+2481+a0b3c9a2'),
      row('bash', '4.4.20-5.el8', ['CVE-2019-18276']),
      row('sqlite-libs', '3.26.0-19.el8_9', ['CVE-2019-8457'], { arch: 'aarch64' }),
      row('gpg-pubkey', 'fd431d51-4ae0493b', [], { arch: '' }),
    ],
  },
  {
    system: { family: 'redhat', release: '9.4', type: 'rpm' },
    rows: [
      row('libcurl', '7.76.1-26.el9_3.1', ['CVE-2023-38545', 'CVE-2023-38546'], ELSEWHERE),
      row('curl', '7.76.1-26.el9_3.2'),
      row('openssh', '8.7p1-38.el9', ['CVE-2024-6387']),
      row('glibc', '2.34-100.el9', ['CVE-2024-2961'], { arch: 'noarch' }),
      row('glibc-common', '2.34-60.el9'),
    ],
  },
];

const REBUILDS: readonly SystemImage[] = [
  {
    system: { family: 'rocky', release: '8.5', type: 'rpm' },
    rows: [
      row('openssl-libs', '1:1.1.1k-4.el8', ['CVE-2021-3712', 'CVE-2022-0778']),
      row('nginx', '1:1.16.1-1.module+el8.3.0+120+7c2ff6f3', ['CVE-2021-23017'], {
        module: 'nginx:1.16:8030020201124104955:9f9e2e7e',
      }),
    ],
  },
  {
    system: { family: 'rocky', release: '9.3', type: 'rpm' },
    rows: [row('curl', '7.76.1-26.el9', ['CVE-2023-38545'], { arch: 'aarch64' })],
  },
  {
    system: { family: 'rocky', release: '9.2', type: 'rpm' },
    // The feed has it for two architectures.
    rows: [row('curl', '7.76.1-26.el9', [], { arch: 's390x' })],
  },
  {
    system: { family: 'alma', release: '8.4', type: 'rpm' },
    rows: [
      row('openssl-libs', '1:1.1.1g-15.el8_3', ['CVE-2021-3712']),
      row('nginx', '1:1.14.1-8.module_el8.3.0+2165+af250afe.alma', ['CVE-2019-9511'], {
        module: 'nginx:1.14:8030020210623102013:30b713e6',
      }),
      row('nginx-all-modules', '1:1.14.1-8.module_el8.3.0+2165+af250afe.alma'),
    ],
  },
  {
    system: { family: 'alma', release: '9.4', type: 'rpm' },
    rows: [
      row('openssh', '8.7p1-38.el9.alma.1', ['CVE-2024-6387']),
      row('openssh-clients', '8.7p1-38.el9.alma.2'),
    ],
  },
];

export const SYSTEM_IMAGES: readonly SystemImage[] = [
  ...DEBIAN,
  ...ALPINE,
  ...UBUNTU,
  ...RED_HAT,
  ...REBUILDS,
];

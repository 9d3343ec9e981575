import type { Labels } from './labels';
import { asText, at } from './provenance';
import type { Json } from './verdict';

/**
 * By what an approver is taken for an author, capitals aside: `subject`, where the token's subject is the author's e-mail address or
 * name as it stands there; `localPart`, where what stands before the `@` of the address is the subject, or before the `@` of it.
 */
export const AUTHOR_MATCHES = ['subject', 'localPart'] as const;
export type AuthorMatch = (typeof AUTHOR_MATCHES)[number];

export interface CommitAuthor {
  /** As it stands there, e.g. `Rita <rita@example.com>`. */
  readonly who: string;
  /** Where it stands. */
  readonly from: string;
}

export interface CommitAuthors {
  readonly authors: readonly CommitAuthor[];
  /** False: no place that only this build writes names an author, so the rule could not be applied, or not fully. */
  readonly known: boolean;
}

export const AUTHOR_LABEL = 'plura.commit_author';
/** Who wrote the commit, as the request for a build says: that keeps somebody from approving, and proves nothing. */
export const REQUESTED_AUTHOR_LABEL = 'plura.requested_author';
const AUTHORS_LABEL = 'org.opencontainers.image.authors';
const MAX_TEXT = 2000;
const MAX_AUTHORS = 20;

const ARGS = ['buildDefinition', 'externalParameters', 'request', 'args'] as const;
const VCS = ['runDetails', 'metadata', 'buildkit_metadata', 'vcs'] as const;

/** A label that the build itself set (buildkit, slsa-definitions.md). */
function labelOfBuild(predicate: Json | null, label: string): readonly CommitAuthor[] {
  return split(asText(at(predicate, ...ARGS, `label:${label}`)), `provenance label ${label}`);
}

/** What the build was told of the commit. */
function fromProvenance(predicate: Json | null): readonly CommitAuthor[] {
  return [
    ...split(asText(at(predicate, ...VCS, 'author')), 'provenance vcs:author'),
    ...split(asText(at(predicate, ...ARGS, 'vcs:author')), 'provenance vcs:author'),
    ...labelOfBuild(predicate, AUTHOR_LABEL),
  ];
}

function labelOf(labels: Labels, name: string): readonly CommitAuthor[] {
  return split(Object.hasOwn(labels, name) ? (labels[name] ?? '') : '', `label ${name}`);
}

function split(text: string, from: string): readonly CommitAuthor[] {
  return text
    .slice(0, MAX_TEXT)
    .split(/[,;\n]/)
    .map((who) => who.trim())
    .filter((who) => who !== '')
    .slice(0, MAX_AUTHORS)
    .map((who) => ({ who, from }));
}

/**
 * Who wrote the commit, as far as provenance and labels say: the provenance's `vcs:author` and the label `plura.commit_author`, of the
 * build or of the image. `org.opencontainers.image.authors` names who is responsible for the image, often a team, and in a build of ours
 * (`built`) every label that the build was not asked for comes from the Dockerfile: they and whom the request named keep people from
 * approving, but are no knowledge of the author.
 */
export function commitAuthors(
  labels: Labels,
  predicate: Json | null,
  built = false,
): CommitAuthors {
  const ofBuild = fromProvenance(predicate);
  const ofLabel = labelOf(labels, AUTHOR_LABEL);
  const certain = built ? ofBuild : [...ofBuild, ...ofLabel];
  const all = [
    ...ofBuild,
    ...ofLabel,
    ...labelOf(labels, REQUESTED_AUTHOR_LABEL),
    ...labelOfBuild(predicate, AUTHORS_LABEL),
    ...labelOf(labels, AUTHORS_LABEL),
  ];
  const first = all.filter(({ who }, index) => all.findIndex((one) => one.who === who) === index);
  return { authors: first.slice(0, MAX_AUTHORS), known: certain.length > 0 };
}

function fold(text: string): string {
  return text.normalize('NFKC').trim().toLowerCase();
}

function emailOf(text: string): string | null {
  return (
    /<([^<>\s]+@[^<>\s]+)>/.exec(text)?.[1] ?? (/^[^<>\s]+@[^<>\s]+$/.test(text) ? text : null)
  );
}

/** `rita+work@…` is rita's; GitHub hides an address as `{id}+{login}@users.noreply.github.com`. */
function localPart(email: string): string {
  const [local = '', host = ''] = email.split('@');
  const [first = '', second] = local.split('+');
  return host === 'users.noreply.github.com' ? (second ?? first) : first;
}

function isAuthor(subject: string, who: string, matches: readonly AuthorMatch[]): boolean {
  const email = emailOf(who);
  const name = who.split('<', 1)[0]?.trim() ?? '';
  if (matches.includes('subject') && [who, name, email].includes(subject)) return true;
  if (!matches.includes('localPart')) return false;
  const subjectEmail = emailOf(subject);
  const mine = subjectEmail === null ? subject : localPart(subjectEmail);
  return mine !== '' && mine === (email === null ? name : localPart(email));
}

/** The entry by which `subject` is an author; null when there is none. */
export function findAuthor(
  { authors }: CommitAuthors,
  subject: string,
  matches: readonly AuthorMatch[] = AUTHOR_MATCHES,
): CommitAuthor | null {
  return authors.find(({ who }) => isAuthor(fold(subject), fold(who), matches)) ?? null;
}

/**
 * One name for one person, by which subjects are compared with each other as they are with authors: capitals aside, and with `localPart`
 * by what stands before the `@`.
 */
export function personOf(
  subject: string,
  matches: readonly AuthorMatch[] = AUTHOR_MATCHES,
): string {
  const name = fold(subject);
  const email = emailOf(name);
  if (email === null || !matches.includes('localPart')) return name;
  const local = localPart(email);
  return local === '' ? name : local;
}

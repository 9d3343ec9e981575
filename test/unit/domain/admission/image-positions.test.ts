import fc from 'fast-check';
import { imagesOf } from '../../../../src/domain/admission/image-positions';
import { goodMetadata, WORKLOAD_KINDS, type Raw } from '../../../support/guardrail-builders';
import { objectOf } from '../../../support/guardrail-objects';
import { templateOf } from '../../../support/guardrail-subject';

const LISTS = ['containers', 'initContainers', 'ephemeralContainers', 'volumes'] as const;
type Places = Readonly<Record<(typeof LISTS)[number], readonly string[]>>;

/** Texts that are unlike each other, some of them at each place that a pod has for an image. */
const places: fc.Arbitrary<Places> = fc
  .uniqueArray(fc.string(), { maxLength: 16 })
  .chain((images) =>
    fc
      .array(fc.constantFrom(...LISTS), { minLength: images.length, maxLength: images.length })
      .map((lists) => {
        const at = (list: string): readonly string[] =>
          images.filter((_one, i) => lists[i] === list);
        return {
          containers: at('containers'),
          initContainers: at('initContainers'),
          ephemeralContainers: at('ephemeralContainers'),
          volumes: at('volumes'),
        };
      }),
  );

function specOf({ volumes, ...lists }: Places): Raw {
  const containers = Object.entries(lists).map(([list, images]) => [
    list,
    images.map((image, index) => ({ name: `${list}-${index}`, image })),
  ]);
  return {
    ...(Object.fromEntries(containers) as Raw),
    volumes: [
      { name: 'tmp', emptyDir: {} },
      ...volumes.map((reference, index) => ({ name: `volume-${index}`, image: { reference } })),
    ],
  };
}

/** What a JSON pointer (RFC 6901) leads to. */
function at(object: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .reduce<unknown>((value, step) => (value as Raw)[step], object);
}

const podOf = (spec: Raw): Raw => objectOf({ ...CASE, spec });
const CASE = { name: '', namespace: 'shop', metadata: goodMetadata(), breached: [] };

describe('the images of an object', () => {
  it('are each text that stands where an image does, once, with the way to it', () => {
    fc.assert(
      fc.property(places, fc.constantFrom(...WORKLOAD_KINDS), (given, kind) => {
        const object = objectOf({ ...CASE, kind, spec: specOf(given) });

        const found = imagesOf(templateOf(object));

        expect(found.map(({ image }) => image).toSorted()).toEqual(
          LISTS.flatMap((list) => given[list]).toSorted(),
        );
        for (const { pointer, image } of found) expect(at(object, pointer)).toBe(image);
      }),
    );
  });

  it('are told apart by what they are for', () => {
    const spec = specOf({
      containers: ['a'],
      initContainers: ['b'],
      ephemeralContainers: ['c'],
      volumes: ['d'],
    });

    expect(imagesOf(templateOf(objectOf({ ...CASE, kind: 'CronJob', spec })))).toEqual([
      {
        pointer: '/spec/jobTemplate/spec/template/spec/containers/0/image',
        kind: 'container',
        name: 'containers-0',
        image: 'a',
      },
      {
        pointer: '/spec/jobTemplate/spec/template/spec/initContainers/0/image',
        kind: 'init',
        name: 'initContainers-0',
        image: 'b',
      },
      {
        pointer: '/spec/jobTemplate/spec/template/spec/ephemeralContainers/0/image',
        kind: 'ephemeral',
        name: 'ephemeralContainers-0',
        image: 'c',
      },
      {
        pointer: '/spec/jobTemplate/spec/template/spec/volumes/1/image/reference',
        kind: 'volume',
        name: 'volume-0',
        image: 'd',
      },
    ]);
  });

  it('have an empty one where a container names none', () => {
    const spec = { containers: [{ name: 'web' }], volumes: [{ name: 'v', image: {} }] };

    expect(imagesOf(templateOf(podOf(spec))).map(({ image }) => image)).toEqual(['', '']);
  });
});

import fc from 'fast-check';
import { objectName, runName, serviceLabels } from '../../../../src/adapters/kubernetes/names';
import { isServiceName } from '../../../../src/domain/reference';

const DIGEST = `sha256:${'0123456789ab'.repeat(6).slice(0, 64)}` as const;
/** RFC 1035. */
const DNS_LABEL = /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const LABEL_VALUE = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

const serviceName = fc
  .stringMatching(/^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/)
  .filter(isServiceName);

it('leaves a service its own name where a cluster allows it', () => {
  expect(objectName('checkout')).toBe('checkout');
  expect(runName('checkout', DIGEST)).toBe('checkout-0123456789ab');
});

it.each(['a.b', 'a_b', '7up', 'x'.repeat(63)])('makes a name that is allowed of %s', (svc) => {
  expect(objectName(svc)).toMatch(DNS_LABEL);
  expect(objectName(svc)).not.toBe(svc);
});

it('gives every service a valid name of its own', () => {
  fc.assert(
    fc.property(serviceName, serviceName, (one, other) => {
      expect(runName(one, DIGEST)).toMatch(DNS_LABEL);
      Object.values(serviceLabels(one)).forEach((value) => {
        expect(value).toMatch(LABEL_VALUE);
      });
      expect(objectName(one) === objectName(other)).toBe(one === other);
    }),
  );
});

it('keeps names apart that differ only in what a cluster does not allow', () => {
  expect(new Set(['a.b', 'a-b', 'a_b', 'a__b'].map(objectName)).size).toBe(4);
});

import { placesOf } from '../../../../src/domain/accounting/places';
import { monthlyCost } from '../../../../src/domain/accounting/policy';

const SERVICES = [{ svc: 'checkout', team: 'pay' }, { svc: 'cart' }];

it.each([
  ['apps/checkout/web', 'checkout', 'pay'],
  ['channels/prod/checkout', 'checkout', 'pay'],
  ['charts/checkout', 'checkout', 'pay'],
  ['apps/cart/web', 'cart', '-'],
  ['apps/gone/web', 'gone', '-'],
  ['bases/go', '-', '-'],
  ['scratch/play', '-', '-'],
])('the storage of %s is of service %s and team %s', (repository, service, team) => {
  expect(placesOf([repository], SERVICES)).toEqual([{ repository, service, team }]);
});

it('a month of a GB, which is 10^9 bytes, costs its price', () => {
  const prices = { currency: 'EUR', perGbMonth: { registry: 0.023 } };

  expect(monthlyCost(1e9, prices)).toBe(0.02);
  expect(monthlyCost(1e12, prices)).toBe(23);
  expect(monthlyCost(1e12, null)).toBeNull();
});

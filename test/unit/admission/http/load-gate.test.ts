import { createLoadGate } from '../../../../src/admission/http/load-gate';

it('takes on so many, and the next when one has ended', () => {
  const gate = createLoadGate({ reviews: 2, bodyBytes: 100 });
  const first = gate.enter(10);
  const second = gate.enter(10);

  expect(gate.enter(10)).toBeNull();
  first?.();
  first?.();
  expect(gate.inProgress()).toBe(1);
  expect(gate.enter(10)).not.toBeNull();
  expect(gate.enter(10)).toBeNull();
  second?.();
});

it('holds so many bytes', () => {
  const gate = createLoadGate({ reviews: 10, bodyBytes: 100 });
  const leave = gate.enter(60);

  expect(gate.enter(41)).toBeNull();
  expect(gate.enter(40)).not.toBeNull();
  leave?.();
  expect(gate.enter(60)).not.toBeNull();
});

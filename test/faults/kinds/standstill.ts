import { holdStill, released } from '../../support/hold-still';
import { isWithTarget } from '../../support/steps';
import { striking, type Fault } from '../fault';

export const standstills: readonly Fault[] = [
  {
    name: 'the source stopped for 5 s',
    befall: striking(({ bench, walker }) => holdStill(bench.host, walker.first.process)),
    heal: released,
  },
  {
    name: 'the target stopped for 5 s',
    canComeBefore: isWithTarget,
    befall: striking(async ({ bench, walker }) =>
      holdStill(bench.host, await bench.targetOf(walker)),
    ),
    heal: released,
  },
];

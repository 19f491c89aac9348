/** Taps: the target has one of its own, on the same bridge, and the guest keeps its MAC address. */
import { propertiesOf, withValue } from '../../../qemu/commandline/option-properties';
import type { Option } from '../../../qemu/commandline/commandline';
import { pathsIn } from '../path-places';
import { refusal, resource, shared, verdict, type Rule, type Verdict } from '../verdict';

export const tap: Rule = (option, context) => {
  const properties = propertiesOf(option);
  const device = properties.get('ifname');
  // QEMU itself, or a helper that it runs, makes a new one and plugs it in.
  if (properties.has('helper') || (properties.get('script') ?? '') !== 'no') {
    return verdict(option, {
      target: [withValue(option, properties.without('ifname'))],
      resources: [
        resource(option, {
          kind: 'network',
          action: 'unique',
          source: device,
          target: undefined,
          reason: 'QEMU makes another tap, and its script or helper plugs it in',
        }),
        ...pathsIn(option).map((path) => shared(option, 'network', path, 'run for each tap')),
      ],
    });
  }
  if (device === undefined) return refused(option, 'it is made by QEMU and plugged in by nobody');
  const found = context.source.evidence?.bridges.get(device);
  const isKnown = context.source.evidence !== undefined;
  if (found === undefined && isKnown) {
    return refused(option, 'it is on no bridge, where a second one could be plugged in');
  }
  const target = context.names.tap();
  const value = properties.with('ifname', target);
  return verdict(option, {
    target: [withValue(option, value)],
    definition: [withValue(option, value)],
    resources: [
      resource(option, {
        kind: 'network',
        action: 'unique',
        source: device,
        target,
        reason: `a second tap on ${found ?? 'the same bridge'}, with the guest's own MAC address behind it`,
      }),
    ],
    taps: [
      {
        device: target,
        bridge: found ?? '',
        multiQueue: Number(properties.get('queues') ?? '1') > 1,
      },
    ],
  });
};

/** `qemu-bridge-helper` makes a tap for each that asks. */
export function bridge(option: Option): Verdict {
  return verdict(option, {
    resources: [
      resource(option, {
        kind: 'network',
        action: 'unique',
        source: propertiesOf(option).get('br') ?? 'br0',
        target: undefined,
        reason: 'the helper makes another tap on the same bridge',
      }),
    ],
  });
}

function refused(option: Option, reason: string): Verdict {
  return verdict(option, refusal(option, { kind: 'network', code: 'NET_TAP', reason }));
}

/** Taps that the command line names, which are there already when QEMU starts. */
export function tapsIn(options: readonly Option[]): string[] {
  return options
    .filter(({ name }) => name === 'netdev' || name === 'nic' || name === 'net')
    .map((option) => propertiesOf(option))
    .filter((properties) => properties.get('type') === 'tap')
    .flatMap((properties) => properties.get('ifname') ?? []);
}

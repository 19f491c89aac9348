/** What a command line does not say, and QEMU does all the same. */
import { option as makeOption } from '../../../qemu/commandline/commandline';
import type { Context } from '../context';
import { machineProperties } from '../guest-ram';
import { remarks, resource, type Verdict } from '../verdict';
import { qemuDefaults } from './qemu-defaults';
import { userNetConnections } from './network';

export function implied(context: Context): Verdict[] {
  return [impliedMachine(context), impliedDisplay(context), impliedNetwork(context)];
}

/** The default machine type is another one in the next QEMU. */
function impliedMachine(context: Context): Verdict {
  const { machineType } = context;
  if (machineType === undefined || machineProperties(context.definition).has('type')) {
    return nothing;
  }
  const machine = makeOption('machine', machineType);
  return {
    ...remarks({
      resources: [
        resource(machine, {
          kind: 'machine',
          action: 'pin',
          source: undefined,
          target: machineType,
          reason: 'the default machine type, which depends on the emulator, written out',
        }),
      ],
    }),
    target: [machine],
    definition: [machine],
  };
}

function impliedDisplay(context: Context): Verdict {
  if (!qemuDefaults(context.definition).display) return nothing;
  return {
    ...nothing,
    warnings: [
      {
        code: 'IMPLIED_DISPLAY',
        message:
          'No display is named: the target opens a window, or VNC on the first free port, as its emulator sees fit.',
      },
    ],
  };
}

function impliedNetwork(context: Context): Verdict {
  if (!qemuDefaults(context.definition).network) return nothing;
  return { ...nothing, warnings: [userNetConnections] };
}

const nothing: Verdict = { ...remarks(), target: [], definition: [] };

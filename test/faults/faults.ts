/** What may befall a migration before any of its steps. */
import type { Fault } from './fault';
import { brokenChannels } from './kinds/channel';
import { cutOff } from './kinds/client';
import { closed } from './kinds/closed';
import { fullDisk } from './kinds/disk';
import { ends } from './kinds/ends';
import { faultyMonitors } from './kinds/monitors';
import { standstills } from './kinds/standstill';

export const faults: readonly Fault[] = [
  ...standstills,
  ...faultyMonitors,
  fullDisk,
  ...ends,
  ...cutOff,
  ...closed,
  ...brokenChannels,
];

/**
 * The cause of a failure, from what is known of it: a pure function. The order is from what names a
 * cause to what only names its consequences.
 */
import { channelCut } from './channel';
import type { Recogniser } from './diagnosis';
import { crashed, killed } from './exit';
import { denied, killedForMemory } from './host';
import { addressWords } from './said/addresses';
import { deviceWords } from './said/devices';
import { fileWords } from './said/files';
import { machineWords } from './said/machine';
import { ramWords } from './said/ram';
import { firstOf } from './said/said';
import { startWords } from './said/start';
import { stateWords } from './said/state';

/** @returns undefined where the cause is not known: QEMU's own words have to do */
export const diagnose: Recogniser = firstOf([
  denied,
  killedForMemory,
  ...startWords,
  ...machineWords,
  ...deviceWords,
  ...ramWords,
  crashed,
  ...fileWords,
  ...addressWords,
  ...stateWords,
  channelCut,
  killed,
]);

/** Why an emulator that was only to say what it can do did not. */
export const diagnoseStart: Recogniser = firstOf([...startWords, ...ramWords]);

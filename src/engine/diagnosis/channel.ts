/** The way between both instances, when neither says anything of itself. */
import type { Recogniser } from './diagnosis';

/** RAM that does not load is RAM that did not come: what is wrong with it otherwise QEMU says before. */
const brokenOff =
  /load of migration failed: Input\/output error|Read section footer failed: -5|Not a migration stream|Unable to read from socket|error while loading state .*[('"]ram[)'"]/;
const cannotSend =
  /Unable to (?:write to|read from) socket|Channel error|Broken pipe|Connection reset|Input\/output error|Bad file descriptor/;

export const channelCut: Recogniser = ({ instance, sourceError }) => {
  const byTarget = brokenOff.test(instance.output);
  const bySource = !instance.hasEnded && cannotSend.test(sourceError ?? '');
  if (!byTarget && !bySource) return undefined;
  const words = sourceError === undefined ? '' : ` (the source: ${sourceError})`;
  return {
    code: 'CHANNEL_CUT',
    message: `The migration channel was cut while the guest was on its way${words}.`,
    hint: 'Somebody has closed it (QMP `yank`, a debugger), or the target broke off without a word. Try again.',
  };
};

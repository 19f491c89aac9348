/** Whether a guest changes its RAM faster than the channel carries it, so that it never gets across. */
import type { MigrationInfo } from '../../qemu/migration';
import { formatBytes } from '../text/units';
import type { Diagnosis } from './diagnosis';

/** Before so many passes over the RAM the rates say little. */
const tellingPasses = 3;
/** Of the channel's rate: what is dirtied while a pass goes over makes the next one as long. */
const tooMuch = 0.8;

/** Bytes a second, unless it says otherwise. */
interface Rates {
  readonly dirtied: number;
  readonly sent: number;
  readonly passes: number;
  /** Bytes. */
  readonly remaining: number;
}

/**
 * @param known capabilities of the source's QEMU
 * @returns undefined as long as it may converge
 */
export function notConverging(
  info: MigrationInfo,
  known: ReadonlySet<string>,
): Diagnosis | undefined {
  const rates = ratesIn(info);
  if (rates === undefined || rates.passes < tellingPasses) return undefined;
  const { dirtied, sent, passes, remaining } = rates;
  if (sent === 0 || dirtied < tooMuch * sent) return undefined;
  return {
    code: 'NOT_CONVERGING',
    message: `The guest changes ${formatBytes(dirtied)} of its RAM a second, and the channel carries ${formatBytes(sent)}: after ${passes} passes ${formatBytes(remaining)} are left.`,
    hint: `A mode that copies no RAM is not held up by that (start the domain with \`--ram file\`). In precopy, what would help: ${helps(known)}.`,
  };
}

function ratesIn({ ram }: MigrationInfo): Rates | undefined {
  const { mbps, dirtyPagesRate, pageSize, dirtySyncCount, remaining = 0 } = ram ?? {};
  if (mbps === undefined || dirtyPagesRate === undefined || dirtySyncCount === undefined)
    return undefined;
  return {
    dirtied: dirtyPagesRate * (pageSize ?? 4096),
    sent: Math.round((mbps * 1_000_000) / 8),
    passes: dirtySyncCount,
    remaining,
  };
}

/** Of what there is against it, what this QEMU has. */
function helps(known: ReadonlySet<string>): string {
  const means = [
    'a longer `downtime-limit` (`migrate-set-parameters` at its console, also while it is under way)',
    ...throttlingOf(known),
    ...(known.has('postcopy-ram') ? ['postcopy, which moves the guest first'] : []),
  ];
  return means.join('; ');
}

/** Read from the source by QEMU when a migration begins: it has to be on before. */
function throttlingOf(known: ReadonlySet<string>): string[] {
  const capabilities = [
    ...(known.has('auto-converge') ? ['`auto-converge`, which slows the guest down'] : []),
    ...(known.has('dirty-limit') ? ['`dirty-limit`, which slows down what writes most'] : []),
  ];
  if (capabilities.length === 0) return [];
  return [`${capabilities.join(', or ')} (\`migrate-set-capabilities\` at its console, before)`];
}

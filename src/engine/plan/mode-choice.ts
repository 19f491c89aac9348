/** The fastest mode that both emulators and the guest's RAM allow, and why not a faster one. */
import type { CommandLine } from '../../qemu/commandline/commandline';
import type { Emulator } from '../../qemu/emulator';
import { copiesRam, type Mode } from '../mode';
import { isEmulated } from './guest-shape';
import { machineProperties, type GuestRam, type RamBackend } from './guest-ram';
import type { Finding, Plan, PlanRequest } from './plan';

export interface ModeChoice {
  readonly mode: Mode;
  readonly fasterModes: Plan['fasterModes'];
  readonly blockers: readonly Finding[];
  readonly warnings: readonly Finding[];
}

interface Question {
  readonly request: PlanRequest;
  readonly definition: CommandLine;
  readonly ram: GuestRam;
}

/** Why a mode is not possible, or undefined if it is. Fastest first. */
const obstacles: readonly (readonly [Mode, (question: Question) => string | undefined])[] = [
  ['ignore-shared', ignoreSharedObstacle],
  ['cpr-transfer', cprTransferObstacle],
  ['precopy', () => undefined],
  // Never of itself: precopy can always be.
  ['postcopy', postcopyObstacle],
];

export function chooseMode(
  request: PlanRequest,
  definition: CommandLine,
  ram: GuestRam,
): ModeChoice {
  const question = { request, definition, ram };
  const answers = obstacles.map(([mode, obstacle]) => ({ mode, reason: obstacle(question) }));
  const asked = request.mode;
  const taken = answers.find(({ mode, reason }) =>
    asked === 'auto' ? reason === undefined : mode === asked,
  ) ?? { mode: 'precopy', reason: undefined };
  return {
    mode: taken.mode,
    fasterModes: answers
      .slice(
        0,
        answers.findIndex(({ mode }) => mode === taken.mode),
      )
      .map(({ mode, reason }) => ({ mode, reason: reason ?? `${taken.mode} was asked for` })),
    blockers:
      taken.reason === undefined
        ? []
        : [
            {
              code: 'MODE_NOT_POSSIBLE',
              message: `${taken.mode} is not possible: ${taken.reason}.`,
              hint: 'The mode "auto" takes the fastest that is.',
            },
          ],
    warnings: [...assumptions(taken.mode, question), ...risks(taken.mode, question)],
  };
}

/** Whether the emulator knows `-machine aux-ram-share`, which came with `cpr-transfer`. */
export function knowsAuxRamShare(emulator: Emulator): boolean {
  return (
    emulator.options.get('machine')?.has('aux-ram-share') === true ||
    emulator.migrationModes.has('cpr-transfer')
  );
}

function ignoreSharedObstacle({ request, ram }: Question): string | undefined {
  const lacking = lacks(request, (emulator) =>
    emulator.migrationCapabilities.has('x-ignore-shared'),
  );
  if (lacking !== undefined) {
    return `${nameOf(lacking)} does not have the capability x-ignore-shared`;
  }
  return (
    mainRamObstacle(ram, 'in a file that is mapped shared (memory-backend-file,share=on)') ??
    first(ram.backends, discardObstacle) ??
    first(ram.backends, (backend) => namedFileObstacle(backend, request))
  );
}

function namedFileObstacle(backend: RamBackend, request: PlanRequest): string | undefined {
  const { id, type, share, path } = backend;
  if (type !== 'memory-backend-file') {
    return `RAM backend '${id}' is a ${type}, which only its own process can name: use memory-backend-file,share=on`;
  }
  if (path === undefined || !share) {
    return `RAM backend '${id}' is mapped privately: use share=on`;
  }
  const evidence = request.source.evidence;
  if (evidence !== undefined && !evidence.ram.mappedFiles.has(path)) {
    return `the source does not map the file that is now at ${path}: QEMU was given a folder, or the file has been replaced`;
  }
  return undefined;
}

function cprTransferObstacle({ request, definition, ram }: Question): string | undefined {
  const lacking =
    lacks(request, (emulator) => emulator.migrationModes.has('cpr-transfer')) ??
    lacks(request, knowsAuxRamShare);
  if (lacking !== undefined) {
    return `${nameOf(lacking)} does not have cpr-transfer (QEMU 10.0 or later has)`;
  }
  const { evidence } = request.source;
  const auxRamShare =
    evidence === undefined
      ? machineProperties(definition).flag('aux-ram-share') === true
      : evidence.auxRamShare === true;
  if (!auxRamShare) {
    return 'the source runs without -machine aux-ram-share=on: start the domain with it';
  }
  return (
    mainRamObstacle(ram, 'shared (memory-backend-memfd,share=on)') ??
    first(ram.backends, discardObstacle) ??
    first(ram.backends, ({ id, share }) =>
      share ? undefined : `RAM backend '${id}' is mapped privately: use share=on`,
    )
  );
}

function postcopyObstacle({ request }: Question): string | undefined {
  const lacking = lacks(request, (emulator) => emulator.migrationCapabilities.has('postcopy-ram'));
  return lacking && `${nameOf(lacking)} does not have the capability postcopy-ram`;
}

/** The source's end would empty the RAM that the target runs on. */
function discardObstacle({ id, discardsData }: RamBackend): string | undefined {
  return discardsData
    ? `RAM backend '${id}' is emptied when the source ends: start the domain without discard-data=on`
    : undefined;
}

/** Without a backend of its own the main RAM is private to the source's process. */
function mainRamObstacle(ram: GuestRam, wanted: string): string | undefined {
  if (ram.main.size > 0) return undefined;
  return ram.memPath === undefined
    ? `the guest's RAM is anonymous memory: start the domain with its RAM ${wanted}`
    : `-mem-path maps the guest's RAM privately: start the domain with its RAM ${wanted}`;
}

function risks(mode: Mode, { request, definition }: Question): Finding[] {
  const { version } = request.source.emulator;
  return [
    ...(copiesRam(mode) && isEmulated(definition) && parseInt(version) < firstSafeCopy
      ? [emulatedCopy]
      : []),
    ...(mode === 'postcopy' ? [postcopyRisk] : []),
  ];
}

/** The oldest QEMU of which we have seen no damage; docs/reliability.md has the numbers. */
const firstSafeCopy = 10;

const emulatedCopy: Finding = {
  code: 'TCG_COPY_RISK',
  message:
    "The source runs this guest without KVM (TCG): on a busy host, guests of QEMU 7.2 have been damaged by QEMU's copying of RAM.",
  hint: 'Migrate in a mode that copies no RAM, or pause the guest before.',
};

const postcopyRisk: Finding = {
  code: 'POSTCOPY_RISK',
  message:
    'From the switchover until all of its RAM is across, the guest needs both QEMUs: if one of them ends then, the guest is lost.',
};

/** Without a process to look at, that a file is mapped is taken on trust. */
function assumptions(mode: Mode, { request, ram }: Question): Finding[] {
  if (mode !== 'ignore-shared' || request.source.evidence !== undefined) return [];
  const paths = ram.backends.map(({ path }) => path).join(', ');
  return [
    {
      code: 'RAM_FILE_ASSUMED',
      message: `That the source maps the very file at ${paths} could not be checked: there is no process to look at.`,
    },
  ];
}

function lacks(request: PlanRequest, can: (emulator: Emulator) => boolean): Emulator | undefined {
  return [request.source.emulator, request.target.emulator].find((emulator) => !can(emulator));
}

function first<Item>(
  items: readonly Item[],
  obstacle: (item: Item) => string | undefined,
): string | undefined {
  for (const item of items) {
    const reason = obstacle(item);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function nameOf(emulator: Emulator): string {
  return `${emulator.path} (QEMU ${emulator.version})`;
}

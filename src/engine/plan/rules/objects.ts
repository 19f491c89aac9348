/** `-object`: RAM backends, secrets, sources of randomness. */
import { basename } from 'node:path/posix';
import type { Option } from '../../../qemu/commandline/commandline';
import { propertiesOf, withValue } from '../../../qemu/commandline/option-properties';
import { copiesRam } from '../../mode';
import type { Context } from '../context';
import { isHugePages, ramBackend, type RamBackend } from '../guest-ram';
import { pathsIn } from '../path-places';
import type { Finding, ResourceKind } from '../plan';
import { refusal, resource, shared, verdict, type Rule, type Verdict } from '../verdict';

export const object: Rule = (option, context) => {
  const backend = ramBackend(option);
  if (backend !== undefined) return ram(option, backend, context);
  const type = propertiesOf(option).get('qom-type') ?? '';
  if (type === 'filter-dump') return dump(option, context);
  const reason = refusedTypes.find(([pattern]) => pattern.test(type))?.[1];
  if (reason !== undefined) {
    const about = { kind: 'device', code: 'PASSTHROUGH_OBJECT', reason } as const;
    return verdict(option, refusal(option, about));
  }
  return verdict(option, {
    resources: [
      ...pathsIn(option).map((path) => shared(option, kindOf(type), path, 'only read')),
      ...hiddenSecret(option, type),
    ],
  });
};

/** `-mem-path` */
export const memPath: Rule = (option, context) => {
  const path = option.value ?? '';
  return verdict(option, {
    resources: [shared(option, 'ram', path, privately)],
    warnings: hugePages(option, path, context),
  });
};

const privately = 'mapped privately: nothing of the guest is written to it';

const refusedTypes: readonly (readonly [RegExp, string])[] = [
  [/^input-linux$/, 'an input device of the host is grabbed by one process'],
  [/^can-host-socketcan$/, 'frames would reach both instances'],
  [/^cryptodev-vhost-user$/, 'the state of a vhost-user device lives in another process'],
  [/^(x-remote-object|x-vfio-user-server)$/, 'the device lives in another process'],
  [
    /^(sev-guest|sev-snp-guest|tdx-guest)$/,
    'the memory of a confidential guest is bound to its process',
  ],
  [/^iommufd$/, 'devices passed through are bound to one process'],
];

function ram(option: Option, backend: RamBackend, context: Context): Verdict {
  const { type, path, share } = backend;
  if (type === 'memory-backend-epc') {
    const reason = 'SGX enclave memory cannot leave its process';
    return verdict(option, refusal(option, { kind: 'ram', code: 'SGX', reason }));
  }
  const warnings = hugePages(option, path ?? '', context);
  if (path === undefined) return verdict(option, { warnings });
  if (!share)
    return verdict(option, { resources: [shared(option, 'ram', path, privately)], warnings });
  if (!copiesRam(context.mode)) {
    const reason = 'both instances map the same RAM, and only one of them runs';
    return verdict(option, { resources: [shared(option, 'ram', path, reason)], warnings });
  }
  if (context.ram.persistent.has(backend.id)) {
    const reason = 'it is persistent memory of the guest, and what is in it would go on in a copy';
    return verdict(option, refusal(option, { kind: 'ram', code: 'PERSISTENT_MEMORY', reason }));
  }
  const evidence = context.source.evidence;
  if (evidence !== undefined && !evidence.ram.mappedFiles.has(path)) {
    const reason = 'the source maps no file of that name: QEMU makes an unnamed one there';
    return verdict(option, { resources: [shared(option, 'ram', path, reason)], warnings });
  }
  return otherRamFile(option, path, warnings, context);
}

/** Two instances that write to one RAM file corrupt the guest. */
function otherRamFile(
  option: Option,
  path: string,
  warnings: readonly Finding[],
  context: Context,
): Verdict {
  const own = `${path.replace(/\.sidestep-[^/]*$/, '')}.sidestep-${basename(context.target.directory)}`;
  const moved = [withValue(option, propertiesOf(option).with('mem-path', own))];
  return verdict(option, {
    target: moved,
    definition: moved,
    resources: [
      resource(option, {
        kind: 'ram',
        action: 'unique',
        source: path,
        target: own,
        reason:
          'RAM is copied, so into another file on the same file system, which the definition names from then on',
      }),
    ],
    warnings,
  });
}

function hugePages(option: Option, path: string, context: Context): Finding[] {
  const wanted =
    isHugePages(path) ||
    (option.name === 'object' && propertiesOf(option).flag('hugetlb') === true);
  // Of a process that runs it is known whether there are.
  const isKnown = context.source.evidence !== undefined;
  if (!wanted || isKnown || !copiesRam(context.mode)) return [];
  return [
    {
      code: 'HUGE_PAGES',
      message: `${option.flag} ${path}: there must be free huge pages for a second copy of the guest's RAM.`,
    },
  ];
}

/** `filter-dump`, which writes the packets of a network to a file. */
function dump(option: Option, context: Context): Verdict {
  const own = context.names.file('dump', '.pcap');
  return verdict(option, {
    target: [withValue(option, propertiesOf(option).with('file', own))],
    resources: [
      resource(option, {
        kind: 'log',
        action: 'unique',
        source: propertiesOf(option).get('file'),
        target: own,
        reason: 'QEMU empties the dump when it starts',
      }),
    ],
  });
}

function kindOf(type: string): ResourceKind {
  return /^(secret|tls-|authz-)/.test(type) ? 'secret' : 'device';
}

/** That there is a secret is told, not what it is. */
function hiddenSecret(option: Option, type: string) {
  return type.startsWith('secret') && propertiesOf(option).has('data')
    ? [shared(option, 'secret', '(hidden)', 'on the command line of both')]
    : [];
}

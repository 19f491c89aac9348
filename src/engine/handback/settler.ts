/** Brings a hand-back that has not gone its way to an end: asks all sides, does what is decided. */
import { timeLimit } from '../../host/time-limit';
import { setTimeout as delay } from 'node:timers/promises';
import { isMigrationUnderWay } from '../../qemu/migration';
import { parseResult, resultPath, type RestoreResult } from '../../libvirt/restore/restore';
import { InstanceMonitor } from '../instance-monitor';
import { isAlive } from '../is-alive';
import { libvirtProcess } from '../libvirt/libvirt-process';
import { libvirtRunState } from '../libvirt/run-state';
import { isHostLost, messageOf } from '../migration/failures';
import type { Handback } from './handback';
import { decideHandback, type HandbackDecision, type HandbackEvidence } from './settle';

export type HandbackSettlement =
  Extract<HandbackDecision, 'stays' | 'moved' | 'lost'> | 'undecided';

const answerTimeoutMs = 5_000;
const betweenLooksMs = 250;
const deadlineMs = 60_000;

export async function settleHandback(h: Handback): Promise<HandbackSettlement> {
  const begunAt = h.trace.now();
  while ((h.trace.now() - begunAt) / 1000 < deadlineMs) {
    try {
      const decision = decideHandback(await gather(h));
      switch (decision) {
        case 'wait':
          await delay(betweenLooksMs);
          break;
        case 'cancel':
          await h.source?.client.execute('migrate_cancel', undefined, {
            signal: timeLimit(answerTimeoutMs),
          });
          await delay(betweenLooksMs);
          break;
        case 'take-back':
          await takeBack(h);
          break;
        default:
          return decision;
      }
    } catch (error) {
      if (isHostLost(error)) throw error;
      h.trace.add({
        type: 'warning',
        code: 'SETTLING',
        message: `While finding out where the guest is: ${messageOf(error)}`,
      });
      await delay(betweenLooksMs);
    }
  }
  return 'undecided';
}

async function gather(h: Handback): Promise<HandbackEvidence> {
  const [source, restore, target] = await Promise.all([
    examineSource(h),
    restoreResult(h),
    examineTarget(h),
  ]);
  return {
    migrateSent: h.migrateSent,
    source,
    target,
    restore: restore && { succeeded: restore.status === 0 },
  };
}

async function examineSource(h: Handback): Promise<HandbackEvidence['source']> {
  const alive = await isAlive(h.host, h.sourceInstance.process);
  const unknown = { alive, runState: undefined, isMigrating: false };
  if (!alive) return unknown;
  if (h.source?.client.isOpen !== true) {
    h.source = await InstanceMonitor.connect(h.host, h.sourceInstance, h.trace);
  }
  const signal = timeLimit(answerTimeoutMs);
  const [runState, { status }] = await Promise.all([
    h.source.queryRunState(signal),
    h.source.queryMigration(signal),
  ]);
  return {
    ...{ alive, runState },
    isMigrating: isMigrationUnderWay(status),
  };
}

/** The program may have told us, or have left its word for whoever comes. */
async function restoreResult(h: Handback): Promise<RestoreResult | undefined> {
  if (h.restore?.result !== undefined) return h.restore.result;
  const [result] = await h.host.files([{ op: 'read', path: resultPath(h.folder) }]);
  if (result !== undefined) return parseResult(result.toString());
  // Killed with what it was at: what it would have told, libvirt's QEMU tells.
  const process = h.restore?.process;
  const isGone = process !== undefined && !(await isAlive(h.host, process));
  return isGone ? { status: -1, said: 'the program that hands over has ended' } : undefined;
}

async function examineTarget(h: Handback): Promise<HandbackEvidence['target']> {
  const process = await libvirtProcess(h.host, h.domain.uuid);
  return process && { runState: await libvirtRunState(h.virsh, h.domain.uuid) };
}

/** libvirt's QEMU has never run: the source has the guest as it is. */
async function takeBack(h: Handback): Promise<void> {
  const left = await libvirtProcess(h.host, h.domain.uuid);
  if (left !== undefined) {
    await h.host.signal(left, 'SIGKILL');
    await h.host.waitForExit(left);
  }
  if (h.runState === 'running') await h.source?.client.execute('cont');
}

import { cancelAndTraces } from './scenarios/cancel';
import { failure } from './scenarios/failure';
import { firstMigration } from './scenarios/first-migration';
import { keyboardAlone } from './scenarios/keyboard';
import { namesThatAttack } from './scenarios/names';
import { pictures } from './scenarios/pictures';
import { DevHost } from './support/dev-host';
import { Session } from './support/session';

/** The scenarios build on each other, as a user's day does. */
describe('A user of the packaged extension', function () {
  this.timeout(60_000);
  this.bail(true);
  const session = Session.forAll(
    () => DevHost.start(),
    async (host) => {
      await host.startLinux('web');
      await host.startBusy('build');
    },
  );
  firstMigration(session);
  pictures(session);
  cancelAndTraces(session);
  failure(session);
  keyboardAlone(session);
  namesThatAttack(session);
});

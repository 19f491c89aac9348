import { hostDay } from './scenarios/host-day';
import { Session } from './support/session';

/** The scenarios build on each other, as a user's day does. */
describe('A user of a dev host', function () {
  this.timeout(60_000);
  this.bail(true);
  const session = Session.forAll(async (host) => {
    await host.startSmall('small');
    await host.startSmall('other');
  });
  hostDay(session);
});

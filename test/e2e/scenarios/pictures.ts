import type { Session } from '../support/session';

const themes = {
  dark: 'Default Dark Modern',
  light: 'Default Light Modern',
  'high-contrast': 'Default High Contrast',
};

/** The tree and a timeline in three themes, as the README shows them. */
export function pictures(session: Session): void {
  for (const [name, theme] of Object.entries(themes)) {
    it(`is well to be looked at in ${theme}`, async () => {
      const { workbench } = session;
      await workbench.useTheme(theme);
      await workbench.notifications.clear();
      await workbench.timeline.header.hover();
      await session.picture(`timeline-${name}`);
    });
  }
}
